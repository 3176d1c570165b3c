/** What is made of a trained model, by the real command: samples, a network to take away, and budgets for the next one. */
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { decode } from "fast-png";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse as parseYaml } from "yaml";
import { rng } from "../../src/core/rng.ts";
import { decodeModel } from "../../src/engine/onnx/schema.ts";
import { type Cell, filesIn, readRun } from "../../src/harness/record/index.ts";
import { bench, sources } from "./entries.ts";
import { type Ended, node, snapshot } from "./process.ts";

const suite = resolve("test/e2e/tiny.yaml");
const cwd = mkdtempSync(join(tmpdir(), "bench-trained-"));
const folder = join(cwd, "first");
afterAll(() => rmSync(cwd, { recursive: true }));

beforeAll(async () => {
  const less = ["stages={}", "models.ddpm.images=64", "models.dcgan.images=64"].flatMap((change) => [
    "--set",
    change,
  ]);
  const words = ["run", "--suite", suite, "--out", folder, "--device", "cpu", "--quiet", ...less];
  // from the sources, so that their entry starts each cell here
  expect(await node([sources, ...words], { cwd })).toMatchObject({ code: 0, stderr: "" });
});

describe("what is made of a finished run", () => {
  const checkpoint = (model: string) => join("first/checkpoints", `${model}-seed-0.safetensors`);
  const command = (...words: string[]) => node([bench, ...words], { cwd });
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
    expect([picture.width, picture.height]).toEqual([8 * (10 * 8 + 9), 8 * (2 * 8 + 1)]); // 64 pixels an image
    await command(...words, "--out", "b.png", ...cpu);
    await command(...words, "--seed", "1", "--out", "c.png", ...cpu);
    expect(readFileSync(join(cwd, "b.png"))).toEqual(readFileSync(join(cwd, "a.png")));
    expect(readFileSync(join(cwd, "c.png"))).not.toEqual(readFileSync(join(cwd, "a.png")));
  });

  it("samples go as files or as an array straight into an evaluation, where they are the same images", async () => {
    const words = ["sample", "--checkpoint", checkpoint("dcgan"), "--n", "12", ...cpu];
    expect(await command(...words, "--out", "drawn")).toMatchObject({ code: 0, stderr: "" });
    expect(await command(...words, "--out", "drawn.npy")).toMatchObject({ code: 0, stderr: "" });
    const compared = [
      "evaluate",
      "--real",
      "drawn",
      "--generated",
      "drawn.npy",
      "--features",
      "pixels",
      "--metrics",
      "fid",
    ];
    const scored = await command(...compared, "--json", ...cpu);
    expect(JSON.parse(scored.stdout).notes).toContain("the real and the generated images are the same");
    expect(await command(...words, "--out", "drawn")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("OUTPUT_EXISTS"),
    });
    await command(...words, "--out", "large.png", "--scale", "3");
    const { width, height } = decode(readFileSync(join(cwd, "large.png")));
    expect([width, height]).toEqual([3 * (10 * 8 + 9), 3 * (2 * 8 + 1)]);
  });

  it("are refused where the model cannot do what is asked, before anything is written", async () => {
    const of = (model: string, ...words: string[]) =>
      command("sample", "--checkpoint", checkpoint(model), "--out", "x.png", ...words);
    const refusals: [Promise<Ended>, RegExp][] = [
      [of("dcgan", "--steps", "5"), /USAGE: dcgan makes an image in one pass/],
      [of("ddpm", "--class", "3"), /USAGE: --class 3: ddpm was trained without labels/],
      [of("ddpm", "--guidance", "2"), /USAGE: ddpm was trained without labels/],
      [of("ddpm", "--sampler", "dimm"), /BAD_CONFIG: .*dimm/],
      [command("sample", "--checkpoint", suite, "--out", "x.png"), /BAD_CHECKPOINT: .*tiny\.yaml/],
      [
        command("sample", "--checkpoint", checkpoint("ddpm"), "--out", "x.jpg"),
        /USAGE: --out x\.jpg: the name must end in \.png/,
      ],
      [command("sample", "--out", "x.png"), /USAGE: sample needs --checkpoint/],
    ];
    for (const [ended, message] of refusals)
      expect(await ended).toMatchObject({ code: 2, stderr: expect.stringMatching(message) });
    expect(existsSync(join(cwd, "x.png"))).toBe(false);
  });

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
      [[...words, "--out", "g.onnx"], /OUTPUT_EXISTS: g\.onnx exists already/],
      [["export", "--run", "first", "--model", "dcgna", "--out", "x.onnx"], /no model "dcgna".*dcgan/],
      [[...words, "--seed", "7", "--out", "x.onnx"], /no dcgan of seed 7; known: 0/],
      [["export", "--run", "nowhere", "--model", "dcgan", "--out", "x.onnx"], /BAD_RUN_FOLDER/],
    ];
    for (const [given, message] of refusals)
      expect(await command(...given)).toMatchObject({ code: 2, stderr: expect.stringMatching(message) });
  });
});

describe("an exported diffusion network", () => {
  const command = (...words: string[]) => node([bench, ...words], { cwd });

  it("says all that it takes to make the images that the harness makes", async () => {
    const exported = ["export", "--run", "first", "--model", "ddpm", "--out", "d.onnx"];
    expect(await command(...exported)).toMatchObject({ code: 0, stderr: "" });
    const text = readFileSync(join(cwd, "d.json"), "utf8");
    const { metadataProps } = decodeModel(readFileSync(join(cwd, "d.onnx"))) as {
      metadataProps: { key: string; value: string }[];
    };
    expect(metadataProps).toEqual([{ key: "bench", value: JSON.stringify(JSON.parse(text)) }]);
    const { images, inputs, sampling } = JSON.parse(text);
    expect(images).toMatchObject({ layout: "NHWC", size: 8, channels: 1, range: [-1, 1] });
    expect(inputs.t.meaning).toMatch(/index into alphaBar/);
    expect(sampling).toMatchObject({ sampler: "ddpm", steps: 4, clipping: { kind: "static", limit: 1 } });

    const ort = await import("onnxruntime-node");
    const session = await ort.InferenceSession.create(join(cwd, "d.onnx"));
    const stream = rng(0).fold("sample").fold(0);
    const normals = () => stream.fillNormal(new Float32Array(64), 0, 64);
    let x = normals();
    for (const u of sampling.updates) {
      const feeds = {
        images: new ort.Tensor("float32", x, inputs.images.shape),
        t: new ort.Tensor("float32", Float32Array.of(u.t), inputs.t.shape),
      };
      const [output] = Object.values(await session.run(feeds)).map(({ data }) => data as Float32Array);
      const z = u.noise === 0 ? new Float32Array(64) : normals();
      x = x.map((value, i) => {
        const clean = Math.max(-1, Math.min(1, u.cleanX * value + u.cleanOutput * output![i]!));
        return u.x * value + u.denoised * clean + u.noise * z[i]!;
      });
    }
    const drawn = ["sample", "--checkpoint", "first/checkpoints/ddpm-seed-0.safetensors", "--n", "1"];
    const sampled = await command(...drawn, "--out", "one.npy", "--device", "cpu");
    expect(sampled).toMatchObject({ code: 0, stderr: "" });
    const ours = readFileSync(join(cwd, "one.npy")).subarray(-64);
    for (const [i, value] of x.entries())
      expect(Math.abs(Math.max(0, Math.min(255, 127.5 * value + 127.5)) - ours[i]!)).toBeLessThan(0.51);
  });

  it("runs in the example for Node", async () => {
    const words = [resolve("examples/sample.mjs"), join(cwd, "d.onnx"), join(cwd, "d.json")];
    const { code, stderr } = await node(words, { cwd });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });
});

describe("shards of trained models", () => {
  const lines = () => readFileSync(join(folder, "cells.jsonl"), "utf8").trimEnd().split("\n");
  const filesOf = (line: string) => {
    const cell = JSON.parse(line) as Cell;
    return cell.state === "done" ? filesIn(cell.record).map(({ path }) => path) : [];
  };

  /** Two folders that hold every other cell of the run each, and no files but those which their cells name. */
  const divide = async (...names: [string, string]) => {
    const { run } = await readRun(folder);
    for (const [i, name] of names.entries()) {
      const mine = lines().filter((_, at) => at % 2 === i);
      const ids = mine.map((line) => (JSON.parse(line) as Cell).id);
      const plan = run.plan.filter(({ id }) => ids.includes(id));
      for (const path of mine.flatMap(filesOf)) cpSync(join(folder, path), join(cwd, name, path));
      const shard = { index: i + 1, count: 2 };
      writeFileSync(join(cwd, name, "run.json"), JSON.stringify({ ...run, shard, plan }));
      writeFileSync(join(cwd, name, "cells.jsonl"), mine.map((line) => `${line}\n`).join(""));
    }
  };
  const merge = (...words: string[]) => node([bench, "merge", ...words], { cwd });
  const contents = (root: string) =>
    Object.fromEntries(
      Object.entries(snapshot(root))
        .map(([path, hash]) => [relative(root, path), hash] as const)
        .filter(([path]) => !/^(run\.json|report\.html)$/.test(path)),
    );

  it("bring their files along when merged, byte for byte, and nothing else", async () => {
    expect(lines().flatMap(filesOf).length).toBeGreaterThanOrEqual(4); // weights and network of each
    await divide("s1", "s2");
    for (const name of ["s1", "s2"])
      expect(Object.keys(contents(join(cwd, name))).some((path) => path.endsWith(".safetensors"))).toBe(true);
    expect(await merge("s1", "s2", "--out", "whole")).toMatchObject({ code: 0, stderr: "" });
    expect(contents(join(cwd, "whole"))).toEqual(contents(folder));
  });

  it("are refused by name where a file is damaged or missing", async () => {
    await divide("t1", "t2");
    const path = "checkpoints/dcgan-seed-0.safetensors";
    const holder = ["t1", "t2"].find((name) => existsSync(join(cwd, name, path)))!;
    const bytes = readFileSync(join(cwd, holder, path));
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(join(cwd, holder, path), bytes);
    expect(await merge("t1", "t2", "--out", "damaged")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`BAD_RUN_FOLDER: ${holder}: ${path} is not the file that was recorded`),
    });
    expect(existsSync(join(cwd, "damaged", path))).toBe(false);
    rmSync(join(cwd, holder, path));
    expect(await merge("t1", "t2", "--out", "lacking")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`BAD_RUN_FOLDER: ${holder}: ${path} cannot be read`),
    });
  });
});

describe("bench calibrate", () => {
  it("proposes budgets of whole steps that take equally long, and writes the suite with them", async () => {
    const words = ["calibrate", "--suite", suite, "--measure", "0.3s", "--seconds", "10s", "--device", "cpu"];
    const { code, stdout } = await node([bench, ...words, "--write", "new.yaml", "--json"], { cwd });
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
    const again = await node([bench, ...words, "--write", "new.yaml"], { cwd });
    expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining("OUTPUT_EXISTS") });
  });
});
