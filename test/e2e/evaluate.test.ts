/** `bench evaluate` as its users start it: what it prints and writes, and what it refuses. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { parse } from "csv-parse/sync";
import { beforeEach, describe, expect, it } from "vitest";
import { rng } from "../../src/core/rng.ts";
import { traceProgram } from "../../src/engine/onnx/trace.ts";
import type { NpyArray } from "../../src/harness/evaluate/npy.ts";
import { encodePng } from "../../src/harness/images/png.ts";
import { mnistFiles, temporaryFolders, writeFiles } from "../harness/datasets/fixtures.ts";
import { encodeNpy } from "../harness/evaluate/encode-npy.ts";
import { bombPng } from "../harness/images/bomb.ts";
import { bench } from "./entries.ts";
import { node, snapshot } from "./process.ts";

const temporary = temporaryFolders();
let cwd: string;
beforeEach(() => {
  cwd = temporary();
});

const evaluate = (...words: string[]) => node([bench, "evaluate", ...words], { cwd });

/** Normal features about `shift`, and uniform bytes up to `most`. */
function features(seed: number, count: number, width: number, shift = 0): NpyArray {
  const random = rng(seed);
  const data = Float32Array.from({ length: count * width }, () => random.normal() + shift);
  return { shape: [count, width], dtype: "float32", data };
}

function bytes(seed: number, shape: number[], most = 256): NpyArray {
  const random = rng(seed);
  const length = shape.reduce((a, b) => a * b, 1);
  return { shape, dtype: "uint8", data: Uint8Array.from({ length }, () => random.integer(most)) };
}

const put = (name: string, array: NpyArray) => writeFileSync(join(cwd, name), encodeNpy(array));

const pictures = (folder: string, count: number, edge = 8) => {
  mkdirSync(join(cwd, folder), { recursive: true });
  for (let i = 0; i < count; i++) {
    const { data } = bytes(i, [edge, edge, 3]);
    const image = { data: data as Uint8Array, count: 1, height: edge, width: edge, channels: 3 };
    writeFileSync(join(cwd, folder, `${i}.png`), encodePng(image));
  }
};

interface Printed {
  readonly n: { real: number; generated: number; training?: number };
  readonly features: Record<string, string | number>;
  readonly metrics: Record<
    string,
    { value: number; interval?: [number, number]; floor?: number; ceiling?: number }
  >;
  readonly undefined: { metric: string; why: string }[];
  readonly notes: string[];
}

async function printed(...words: string[]): Promise<Printed & { stderr: string; stdout: string }> {
  const { code, stdout, stderr } = await evaluate(...words, "--json");
  expect(stderr).not.toContain("error");
  expect(code).toBe(0);
  return { ...(JSON.parse(stdout) as Printed), stdout, stderr };
}

describe("features of the user's", () => {
  it("are scored with floor and interval, k in the names, the same for the same seed", async () => {
    put("real.npy", features(1, 300, 4));
    put("fake.npy", features(2, 200, 4, 1));
    put("training.npy", features(3, 500, 4));
    const sides = ["--real", "real.npy", "--generated", "fake.npy", "--training", "training.npy"];
    const words = [...sides, "--features", "none", "--k", "3"];
    const result = await printed(...words);
    expect(result.n).toEqual({ real: 300, generated: 200, training: 400 });
    expect(result.metrics.fld!.value).toBeGreaterThan(result.metrics.fld!.floor! + 20);
    expect(result.metrics.fld_gap!.floor).toBeLessThan(0);
    const { fid, precision_k3: precision } = result.metrics;
    // |mu - mu'|^2 = 4 for the distributions themselves
    expect(fid!.value).toBeGreaterThan(3);
    expect(fid!.value).toBeLessThan(5);
    expect(fid!.floor).toBeLessThan(0.3);
    expect(fid!.interval![0]).toBeLessThan(fid!.value);
    expect(fid!.interval![1]).toBeGreaterThan(fid!.value);
    expect(fid!.ceiling).toBeUndefined(); // no images, so none of noise
    expect(precision!.value).toBeLessThan(precision!.floor!);
    expect(result.undefined.map(({ metric }) => metric)).toContain("reverse_kl");
    expect((await evaluate(...words, "--json")).stdout).toBe(result.stdout);
  });

  it("tell the arguments apart: a collapsed generator is precise and recalls little", async () => {
    put("wide.npy", features(1, 200, 3));
    const narrow = features(2, 200, 3);
    put("narrow.npy", { ...narrow, data: (narrow.data as Float32Array).map((x) => x / 20) });
    const scores = async (real: string, generated: string) => {
      const { metrics } = await printed(
        ...["--real", real, "--generated", generated, "--features", "none", "--metrics", "precision,recall"],
      );
      expect(Object.keys(metrics)).toEqual(["precision_k5", "recall_k5"]);
      return [metrics.precision_k5!.value, metrics.recall_k5!.value] as const;
    };
    const [precision, recall] = await scores("wide.npy", "narrow.npy");
    expect(precision).toBeGreaterThan(0.95);
    expect(recall).toBeLessThan(0.1);
    expect(await scores("narrow.npy", "wide.npy")).toEqual([recall, precision]);
  });
});

describe("images without labels", () => {
  it("are compared by raw pixels, said on stderr and in every output", async () => {
    put("real.npy", bytes(1, [40, 8, 8]));
    put("fake.npy", bytes(2, [40, 8, 8], 100));
    const result = await printed("--real", "real.npy", "--generated", "fake.npy", "--out", "out");
    expect(result.stderr).toMatch(/note: .*raw pixels/);
    expect(result.features.name).toBe("pixels");
    expect(result.notes[0]).toMatch(/raw pixels/);
    expect(result.undefined).toContainEqual({
      metric: "fld",
      why: "fld needs the images that the generator was trained on: there are none",
    });
    expect(result.metrics.fid!.ceiling).toBeLessThan(result.metrics.fid!.value); // the real ones are noise
    const file = (name: string) => readFileSync(join(cwd, "out", name), "utf8");
    expect(file("metrics.json")).toBe(result.stdout);
    const rows = parse(file("metrics.csv"), { columns: true }) as Record<string, string>[];
    expect(rows.map(({ metric }) => metric)).toEqual([
      ...Object.keys(result.metrics),
      ...result.undefined.map(({ metric }) => metric),
    ]);
    expect(Number(rows[0]!.value)).toBe(result.metrics.fid!.value);
    expect(new Set(rows.map((row) => row.features))).toEqual(new Set(["pixels"]));
    expect(file("metrics.html")).toMatch(/raw pixels/);
    expect(file("metrics.html")).not.toMatch(/<script|https?:/);
    const again = await evaluate("--real", "real.npy", "--generated", "fake.npy", "--out", "out");
    expect(again).toMatchObject({ code: 2, stdout: "" });
    expect(again.stderr).toContain("error OUTPUT_EXISTS");
  });

  it("may be a folder of pictures, resized, against an array", async () => {
    pictures("real", 12, 8);
    pictures("real", 3, 10); // the first three again, larger
    put("fake.npy", bytes(5, [12, 16, 16, 3]));
    const result = await printed(
      "--real",
      "real",
      "--generated",
      "fake.npy",
      "--resize",
      "8",
      "--features",
      "pixels",
    );
    expect(result.n).toEqual({ real: 12, generated: 12 });
    expect(result.notes.join()).not.toMatch(/labels/); // pixels were asked for
  });
});

describe("a model of the user's", () => {
  it("that gives the pixels back scores as pixels do", async () => {
    const program = ({ images }: Record<"images", tf.Tensor>) => ({ out: tf.reshape(images, [4, 64]) });
    writeFileSync(
      join(cwd, "same.onnx"),
      traceProgram("same", program, { images: { shape: [4, 8, 8, 1] } }).model,
    );
    put("real.npy", bytes(1, [30, 8, 8]));
    put("fake.npy", bytes(2, [30, 8, 8], 200));
    const words = [
      "--real",
      "real.npy",
      "--generated",
      "fake.npy",
      "--metrics",
      "fid,precision",
      "--features",
    ];
    const own = await printed(...words, "onnx:same.onnx", "--onnx-range=-1..1", "--onnx-layout", "NHWC");
    const pixels = await printed(...words, "pixels");
    expect(own.features.name).toMatch(/^onnx:same\.onnx/);
    expect(own.metrics.fid!.value).toBeCloseTo(pixels.metrics.fid!.value, 4);
    expect(own.metrics.precision_k5!.value).toBe(pixels.metrics.precision_k5!.value);
  });
});

it("equal sets are told, and score so", async () => {
  put("real.npy", bytes(1, [30, 8, 8]));
  const { metrics, notes } = await printed(
    ...[
      "--real",
      "real.npy",
      "--generated",
      "real.npy",
      "--metrics",
      "fid,precision,recall,coverage,authpct",
    ],
  );
  expect(notes).toContain("the real and the generated images are the same");
  expect(Math.abs(metrics.fid!.value)).toBeLessThan(1e-6);
  const { precision_k5, recall_k5, coverage_k5, authpct } = metrics;
  expect([precision_k5, recall_k5, coverage_k5, authpct].map((metric) => metric!.value)).toEqual([
    1, 1, 1, 0,
  ]);
});

describe("a dataset with labels", () => {
  it("trains its classifier once, keeps it, and draws --n with a floor at the same n", async () => {
    writeFiles(join(cwd, "data"), mnistFiles({ train: 40, test: 40, edge: 8, classes: 4 }));
    put("fake.npy", bytes(3, [30, 8, 8]));
    const words = ["--real", "idx:data", "--generated", "fake.npy", "--n", "16", "--device", "cpu"];
    const first = await printed(...words);
    expect(first.stderr).toContain("training the classifier");
    expect(first.features).toMatchObject({ name: "classifier", dataset: "idx:data", training_seed: 0 });
    expect(first.features.accuracy).toBeGreaterThanOrEqual(0);
    expect(first).toMatchObject({
      n: { real: 16, generated: 16 },
      floor: { n: { real: 16, generated: 16 } },
      ceiling: { n: { real: 16, generated: 16 } },
      notes: [],
    });
    const second = await printed(...words);
    expect(second.stderr).not.toContain("training the classifier");
    expect(second.stdout).toBe(first.stdout);
  });
});

const nan = features(1, 10, 2);
(nan.data as Float32Array)[5] = Number.NaN;

/** `fake` is what is wrong; `real.npy` is right. */
const bad: { what: string; words?: string[]; says: RegExp; prepare: () => void }[] = [
  { what: "a missing path", says: /BAD_DATA: there is no file or folder fake/, prepare: () => {} },
  {
    what: "NaN in an array",
    words: ["--generated", "fake.npy", "--features", "none"],
    says: /BAD_DATA: fake\.npy: holds NaN at \[2, 1\]/,
    prepare() {
      put("real.npy", features(1, 10, 2));
      put("fake.npy", nan);
    },
  },
  {
    what: "a wrong type",
    words: ["--generated", "fake.npy"],
    says: /BAD_DATA: fake\.npy: holds values of type <i8/,
    prepare() {
      const text = Buffer.from(encodeNpy({ shape: [8], dtype: "float64", data: new Float64Array(8) }));
      writeFileSync(join(cwd, "fake.npy"), text.toString("latin1").replace("<f8", "<i8"), "latin1");
    },
  },
  {
    what: "a single image",
    words: ["--generated", "fake.npy"],
    says: /BAD_DATA: fake\.npy holds 1 image; at least 2 are needed/,
    prepare: () => put("fake.npy", bytes(1, [1, 8, 8])),
  },
  {
    what: "an empty folder",
    says: /BAD_DATA: .*fake holds no images/,
    prepare: () => void mkdirSync(join(cwd, "fake")),
  },
  {
    what: "a truncated PNG among good ones",
    says: /BAD_DATA: .*fake\/1\.png .*; it is truncated or damaged/,
    prepare() {
      pictures("fake", 4);
      const path = join(cwd, "fake/1.png");
      const whole = readFileSync(path);
      writeFileSync(path, whole.subarray(0, whole.length / 2));
    },
  },
  {
    what: "a decompression bomb",
    says: /BAD_DATA: .*fake\/bomb\.png is 60000 x 60000 pixels by its header/,
    prepare() {
      pictures("fake", 2);
      writeFileSync(join(cwd, "fake/bomb.png"), bombPng());
    },
  },
  {
    what: "features of different widths",
    words: ["--generated", "fake.npy", "--features", "none"],
    says: /BAD_DATA: features of fake\.npy are 3 wide, those of real\.npy 2/,
    prepare() {
      put("real.npy", features(1, 10, 2));
      put("fake.npy", features(1, 10, 3));
    },
  },
  {
    what: "images of different sizes",
    words: ["--generated", "fake.npy"],
    says: /BAD_DATA: fake\.npy has images of 9 x 9 pixels, real\.npy of 8 x 8.*--resize 8/,
    prepare: () => put("fake.npy", bytes(1, [10, 9, 9])),
  },
  {
    what: "images too large to be features",
    words: ["--generated", "fake.npy"],
    says: /USAGE: as pixel features, images of 60 x 60 x 1 are 3600 wide/,
    prepare() {
      put("real.npy", bytes(1, [3, 60, 60]));
      put("fake.npy", bytes(1, [3, 60, 60]));
    },
  },
  {
    what: "more images than there are",
    words: ["--generated", "fake.npy", "--n", "11"],
    says: /USAGE: --n 11 is more than the 10 of --generated fake\.npy/,
    prepare: () => put("fake.npy", bytes(1, [10, 8, 8])),
  },
  {
    what: "an unknown metric",
    words: ["--generated", "fake.npy", "--metrics", "fdi"],
    says: /USAGE: --metrics cannot be "fdi".*Did you mean fid\?/,
    prepare: () => {},
  },
  {
    what: "a classifier without labels",
    words: ["--generated", "fake.npy", "--features", "classifier"],
    says: /USAGE: --features classifier is trained on labels/,
    prepare: () => put("fake.npy", bytes(1, [10, 8, 8])),
  },
  {
    what: "a file where the results shall go",
    words: ["--generated", "fake.npy", "--out", "real.npy"],
    says: /OUTPUT_UNWRITABLE: /,
    prepare: () => put("fake.npy", bytes(1, [10, 8, 8])),
  },
];

it.each(bad)(
  "$what: exit code 2, the file and the reason, nothing written",
  async ({ words, says, prepare }) => {
    put("real.npy", bytes(1, [12, 8, 8]));
    prepare();
    const before = snapshot(cwd);
    const { code, stdout, stderr } = await evaluate(
      "--real",
      "real.npy",
      ...(words ?? ["--generated", "fake"]),
    );
    expect(stderr).toMatch(says);
    expect(stderr.match(/^error /gm)).toHaveLength(1);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(snapshot(cwd)).toEqual(before);
  },
);
