/** The real command on a suite of seconds: everything is trained, measured, written and reported. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { parse } from "csv-parse/sync";
import { decode } from "fast-png";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse as parseYaml } from "yaml";
import { type RunRecords, readRun } from "../../src/harness/record/index.ts";
import { bench, type Ended, node, snapshot } from "./process.ts";

const suite = resolve("test/e2e/tiny.yaml");

interface Summary {
  readonly out: string;
  readonly state: string;
  readonly exitCode: number;
  readonly cells: Record<string, number>;
  readonly csv: string[];
}

async function run(out: string, ...words: string[]): Promise<Ended> {
  return node([...bench, "run", "--suite", suite, "--out", out, "--device", "cpu", "--json", ...words], {
    cwd,
  });
}

const table = (folder: string, name: string) =>
  parse(readFileSync(join(folder, "csv", `${name}.csv`)), { columns: true }) as Record<string, string>[];

/** All runs of this file; the first one serves every test. */
const cwd = mkdtempSync(join(tmpdir(), "bench-tiny-"));
afterAll(() => rmSync(cwd, { recursive: true }));

let folder: string;
let first: Ended;
let records: RunRecords;

beforeAll(async () => {
  folder = join(cwd, "first");
  first = await run(folder);
  expect(first.stderr).not.toMatch(/error|warning/i);
  records = await readRun(folder);
}, 240_000);

describe("a whole run", () => {
  it("ends well and says so once, as JSON", () => {
    expect(first.code).toBe(0);
    const summary = JSON.parse(first.stdout) as Summary;
    expect(summary).toMatchObject({ state: "complete", exitCode: 0, out: folder });
    expect(summary.cells).toEqual({ planned: 12, done: 12, failed: 0, skipped: 0 });
    expect(records.run.plan.map(({ id }) => id)).toEqual([
      "classifier",
      "anchors",
      "train/ddpm/seed-0",
      "train/dcgan/seed-0",
      "stability/ddpm/seed-0",
      "stability/dcgan/seed-0",
      "diversity/ddpm/seed-0",
      "diversity/dcgan/seed-0",
      "latency/process-0",
      "latency/process-1",
    ]);
  });

  it("writes every file that its records name, with the recorded hash", () => {
    const files = snapshot(folder);
    const named = [...JSON.stringify(records.cells).matchAll(/"path":"([^"]+)","sha256":"([0-9a-f]{64})"/g)];
    expect(named.length).toBeGreaterThanOrEqual(1 + 2 * 2 + 1 + 4); // classifier, weights and models, grids
    for (const [, path, hash] of named) expect(files[join(folder, path!)], path).toBe(hash);
  });

  it("trains for the budget and records every step", () => {
    const training = table(folder, "training");
    const losses = training.filter(({ model, quantity }) => model === "ddpm" && quantity === "loss");
    expect(losses.length).toBe(40); // 640 images in batches of 16
    expect(losses.at(-1)!.images_seen).toBe("640");
    const mean = (rows: typeof losses) =>
      rows.reduce((sum, { value }) => sum + Number(value), 0) / rows.length;
    expect(mean(losses.slice(-10))).toBeLessThan(0.8 * mean(losses.slice(0, 10)));
    expect(new Set(training.map(({ quantity }) => quantity))).toContain("generator_gradient_norm");
  });

  it("scores real images best and noise worst, with the trained models between", () => {
    const rows = table(folder, "diversity").filter(({ metric }) => metric === "fid");
    const fid = (model: string) =>
      Math.min(...rows.filter((row) => row.model === model).map(({ value }) => Number(value)));
    expect(fid("real")).toBeLessThan(fid("ddpm"));
    expect(fid("real")).toBeLessThan(fid("dcgan"));
    expect(fid("ddpm")).toBeLessThan(fid("noise"));
    expect(fid("dcgan")).toBeLessThan(fid("noise"));
  });

  it("counts network evaluations, and takes longer for more of them", () => {
    const rows = table(folder, "latency");
    const row = (sampler: string, steps: string, batch: string) =>
      rows.find((row) => row.sampler === sampler && row.steps === steps && row.batch === batch)!;
    expect(row("ddim", "4", "1").network_evaluations).toBe("4");
    expect(row("none", "1", "4").network_evaluations).toBe("1");
    expect(rows.length).toBe((2 + 1 + 1) * 2); // settings times batch sizes
  });

  it("says the same in records, CSV and report", () => {
    const html = readFileSync(join(folder, "report.html"), "utf8");
    for (const cell of records.cells) {
      if (cell.state !== "done" || cell.record.kind !== "diversity") continue;
      for (const { sampler, steps, metrics } of cell.record.settings)
        for (const { metric, value } of metrics) {
          const { model } = cell.record;
          const row = table(folder, "diversity").find(
            (row) =>
              row.model === model &&
              row.sampler === sampler &&
              row.steps === String(steps) &&
              row.metric === metric,
          );
          expect(Number(row!.value)).toBe(value);
          expect(html).toContain(row!.value); // the page carries its tables
        }
    }
  });

  it("draws grids of the model's own size", () => {
    const picture = decode(readFileSync(join(folder, "samples/dcgan-seed-0-one-pass.png")));
    expect([picture.width, picture.height]).toEqual([10 * 8 + 9, 2 * 8 + 1]); // 10 x 2 images, a pixel between
  });

  it("exports networks that ONNX Runtime runs by themselves", async () => {
    const ort = await import("onnxruntime-node");
    const generator = await ort.InferenceSession.create(join(folder, "checkpoints/dcgan-seed-0.onnx"));
    expect(generator.inputNames).toEqual(["latent"]);
    const latent = new ort.Tensor("float32", new Float32Array(16).fill(0.1), [1, 16]);
    const { "out:images": images } = await generator.run({ latent });
    expect(images!.dims).toEqual([1, 8, 8, 1]);
    expect([...(images!.data as Float32Array)].every((x) => Math.abs(x) <= 1)).toBe(true);
  });
});

describe("a second run with the same seed", () => {
  it("gives the same bytes, timings aside", async () => {
    const again = join(cwd, "again");
    expect((await run(again)).code).toBe(0);
    const contents = (root: string) =>
      Object.fromEntries(
        Object.entries(snapshot(root))
          .map(([path, hash]) => [relative(root, path), hash] as const)
          .filter(([path]) => /^(csv|samples|checkpoints)\//.test(path) && !/latency|_time/.test(path)),
      );
    const expected = contents(folder);
    expect(Object.keys(expected).length).toBeGreaterThan(10);
    expect(contents(again)).toEqual(expected);
  }, 240_000);
});

describe("an interrupted run", () => {
  it("keeps what is finished, continues, and ends where an uninterrupted one does", async () => {
    const out = join(cwd, "interrupted");
    let stopped = false;
    const words = ["run", "--suite", suite, "--out", out, "--device", "cpu"];
    const cut = await node([...bench, ...words], {
      cwd,
      onStderr(text, child) {
        if (stopped || !/train\/ddpm/.test(text)) return;
        stopped = true;
        child.kill("SIGINT");
      },
    });
    expect(cut.code).toBe(130);
    const partial = await readRun(out);
    expect(partial.run.state).toBe("partial");
    expect(partial.cells.length).toBeLessThan(records.cells.length);
    const resumed = await node([...bench, "run", "--resume", "--out", out], { cwd });
    expect(resumed.code, resumed.stderr).toBe(0);
    const whole = await readRun(out);
    expect(whole.run.state).toBe("complete");
    expect(whole.cells.map(({ id }) => id)).toEqual(records.cells.map(({ id }) => id));
    expect(readFileSync(join(out, "csv/diversity.csv"))).toEqual(
      readFileSync(join(folder, "csv/diversity.csv")),
    );
  }, 240_000);
});

describe("what is made of a finished run", () => {
  const checkpoint = (model: string) => join("first/checkpoints", `${model}-seed-0.safetensors`);
  const command = (...words: string[]) => node([...bench, ...words], { cwd });
  const cpu = ["--device", "cpu"];

  it("samples: as many as asked for, the same for a seed, of a model that its own file describes", async () => {
    const words = [
      "sample",
      "--checkpoint",
      checkpoint("ddpm"),
      "--n",
      "12",
      "--sampler",
      "ddim",
      "--steps",
      "3",
    ];
    const drawn = await command(...words, "--out", "a.png", ...cpu);
    expect(drawn).toMatchObject({ code: 0, stdout: "12 images of ddpm by ddim in 3 steps: a.png\n" });
    const picture = decode(readFileSync(join(cwd, "a.png")));
    expect([picture.width, picture.height]).toEqual([10 * 8 + 9, 2 * 8 + 1]);
    await command(...words, "--out", "b.png", ...cpu);
    await command(...words, "--seed", "1", "--out", "c.png", ...cpu);
    expect(readFileSync(join(cwd, "b.png"))).toEqual(readFileSync(join(cwd, "a.png")));
    expect(readFileSync(join(cwd, "c.png"))).not.toEqual(readFileSync(join(cwd, "a.png")));
  }, 120_000);

  it("are refused where the model cannot do what is asked, before anything is written", async () => {
    const of = (model: string, ...words: string[]) =>
      command("sample", "--checkpoint", checkpoint(model), "--out", "x.png", ...words);
    const refusals: [Promise<Ended>, RegExp][] = [
      [of("dcgan", "--steps", "5"), /USAGE: dcgan makes an image in one pass/],
      [of("ddpm", "--class", "3"), /USAGE: --class 3: ddpm was trained without labels/],
      [of("ddpm", "--guidance", "2"), /USAGE: ddpm was trained without labels/],
      [of("ddpm", "--sampler", "dimm"), /BAD_CONFIG: .*dimm/],
      [command("sample", "--checkpoint", suite, "--out", "x.png"), /BAD_CHECKPOINT: .*tiny\.yaml/],
      [command("sample", "--checkpoint", checkpoint("ddpm"), "--out", "x.jpg"), /USAGE: .*ends in \.png/],
      [command("sample", "--out", "x.png"), /USAGE: sample needs --checkpoint/],
    ];
    for (const [ended, message] of refusals)
      expect(await ended).toMatchObject({ code: 2, stderr: expect.stringMatching(message) });
    expect(existsSync(join(cwd, "x.png"))).toBe(false);
  }, 120_000);

  it("exports the network that its run has published, and others by batch", async () => {
    const words = ["export", "--run", "first", "--model", "dcgan"];
    expect((await command(...words, "--out", "g.onnx")).code).toBe(0);
    expect(readFileSync(join(cwd, "g.onnx"))).toEqual(
      readFileSync(join(folder, "checkpoints/dcgan-seed-0.onnx")),
    );
    expect((await command(...words, "--batch", "3", "--out", "three.onnx")).code).toBe(0);
    const ort = await import("onnxruntime-node");
    const generator = await ort.InferenceSession.create(join(cwd, "three.onnx"));
    const latent = new ort.Tensor("float32", new Float32Array(48).fill(0.1), [3, 16]);
    expect((await generator.run({ latent }))["out:images"]!.dims).toEqual([3, 8, 8, 1]);
    const refusals: [string[], RegExp][] = [
      [[...words, "--out", "g.onnx"], /OUTPUT_EXISTS: g\.onnx is there already/],
      [["export", "--run", "first", "--model", "dcgna", "--out", "x.onnx"], /no model "dcgna".*dcgan/],
      [[...words, "--seed", "7", "--out", "x.onnx"], /no dcgan of seed 7; known: 0/],
      [["export", "--run", "nowhere", "--model", "dcgan", "--out", "x.onnx"], /BAD_RUN_FOLDER/],
    ];
    for (const [given, message] of refusals)
      expect(await command(...given)).toMatchObject({ code: 2, stderr: expect.stringMatching(message) });
  }, 120_000);
});

describe("bench calibrate", () => {
  it("proposes budgets of whole steps that take equally long, and writes the suite with them", async () => {
    const words = ["calibrate", "--suite", suite, "--measure", "0.3s", "--seconds", "10s", "--device", "cpu"];
    const { code, stdout } = await node([...bench, ...words, "--write", "new.yaml", "--json"], { cwd });
    expect(code).toBe(0);
    const { targetSeconds, models } = JSON.parse(stdout) as {
      targetSeconds: number;
      models: { model: string; batch: number; millisecondsPerStep: number; proposed: number }[];
    };
    expect({ targetSeconds, models: models.map(({ model }) => model) }).toEqual({
      targetSeconds: 10,
      models: ["ddpm", "dcgan"],
    });
    const written = parseYaml(readFileSync(join(cwd, "new.yaml"), "utf8")) as {
      models: Record<string, { images: number }>;
    };
    for (const { model, batch, millisecondsPerStep, proposed } of models) {
      expect(proposed % batch).toBe(0);
      expect(Math.abs((proposed / batch) * millisecondsPerStep - 10_000)).toBeLessThanOrEqual(
        millisecondsPerStep,
      );
      expect(written.models[model]!.images).toBe(proposed);
    }
    expect(readFileSync(join(cwd, "new.yaml"), "utf8")).toContain("# Small enough for a test");
    const again = await node([...bench, ...words, "--write", "new.yaml"], { cwd });
    expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining("OUTPUT_EXISTS") });
  }, 120_000);
});
