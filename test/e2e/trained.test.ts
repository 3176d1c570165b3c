/** What is made of a trained model, by the real command: samples, a network to take away, and budgets for the next one. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { decode } from "fast-png";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse as parseYaml } from "yaml";
import { bench } from "./entries.ts";
import { type Ended, node } from "./process.ts";

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
  expect(await node([bench, ...words], { cwd })).toMatchObject({ code: 0, stderr: "" });
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
    expect([picture.width, picture.height]).toEqual([10 * 8 + 9, 2 * 8 + 1]);
    await command(...words, "--out", "b.png", ...cpu);
    await command(...words, "--seed", "1", "--out", "c.png", ...cpu);
    expect(readFileSync(join(cwd, "b.png"))).toEqual(readFileSync(join(cwd, "a.png")));
    expect(readFileSync(join(cwd, "c.png"))).not.toEqual(readFileSync(join(cwd, "a.png")));
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
      [command("sample", "--checkpoint", checkpoint("ddpm"), "--out", "x.jpg"), /USAGE: .*ends in \.png/],
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
      [[...words, "--out", "g.onnx"], /OUTPUT_EXISTS: g\.onnx is there already/],
      [["export", "--run", "first", "--model", "dcgna", "--out", "x.onnx"], /no model "dcgna".*dcgan/],
      [[...words, "--seed", "7", "--out", "x.onnx"], /no dcgan of seed 7; known: 0/],
      [["export", "--run", "nowhere", "--model", "dcgan", "--out", "x.onnx"], /BAD_RUN_FOLDER/],
    ];
    for (const [given, message] of refusals)
      expect(await command(...given)).toMatchObject({ code: 2, stderr: expect.stringMatching(message) });
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
