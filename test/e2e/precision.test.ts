/** `--precision float16` by the real command: recorded, reported, compared, and refused where it cannot be. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { decode } from "fast-png";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readRun } from "../../src/harness/record/index.ts";
import { bench } from "./entries.ts";
import { here, node, snapshot } from "./process.ts";

const cwd = mkdtempSync(join(tmpdir(), "bench-precision-"));
afterAll(() => rmSync(cwd, { recursive: true }));

const command = (...words: string[]) => node([bench, ...words], { cwd });
const changes = [
  "stages={ diversity: { n: 130, batch: 50, k: 3, grid: 20 }, likelihood: { images: 4, batch: 4 } }",
  "models.dcgan.images=640",
].flatMap((change) => ["--set", change]);
const half = ["--precision", "float16"];

const run = (out: string, ...words: string[]) =>
  command(
    "run",
    "--suite",
    resolve("test/e2e/tiny.yaml"),
    "--out",
    out,
    "--device",
    "cpu",
    ...changes,
    ...words,
  );

beforeAll(async () => {
  for (const ended of [await run("single"), await run("half", ...half)])
    expect(ended).toMatchObject({ code: 0, stderr: expect.not.stringMatching(/error/i) });
});

const text = (...path: string[]) => readFileSync(join(cwd, ...path), "utf8");
const bytes = (...path: string[]) => readFileSync(join(cwd, ...path));

describe("a run whose samples are float16", () => {
  it("records it, and can be repeated by its own command line", async () => {
    const { run } = await readRun(join(cwd, "half"));
    expect(run.engine.precision).toBe("float16");
    expect(run.command).toContain(" --precision float16 ");
    expect((await readRun(join(cwd, "single"))).run.engine).not.toHaveProperty("precision");
  });

  it("says it where the engine is described, and that it was emulated", () => {
    expect(text("half/report.html")).toContain("onnx/cpu, sampling in float16");
    expect(text("half/report.html")).toContain("Emulated float16");
    expect(text("single/report.html")).not.toContain("float16");
  });

  it("trains, judges and weighs likelihood in float32", () => {
    for (const model of ["ddpm", "dcgan"])
      for (const ending of ["safetensors", "onnx"]) {
        const path = `checkpoints/${model}-seed-0.${ending}`;
        expect(bytes("half", path).equals(bytes("single", path)), path).toBe(true);
      }
    for (const table of ["training", "likelihood"])
      expect(text("half/csv", `${table}.csv`)).toBe(text("single/csv", `${table}.csv`));
    expect(text("half/csv/diversity.csv")).not.toBe(text("single/csv/diversity.csv"));
  });

  it("does not compare with one in float32", async () => {
    const { code, stdout } = await here(["compare", "single", "half"], cwd);
    expect({ code, stdout }).toEqual({
      code: 4,
      stdout: expect.stringMatching(/precision.*float32.*float32, sampling in float16/),
    });
  });

  it("is resumed in its own precision, and in no other", async () => {
    expect((await command("run", "--resume", "--out", "half", "--quiet")).code).toBe(0);
    const before = snapshot(join(cwd, "half"));
    const { code, stderr } = await run("half", "--resume", "--precision", "float32");
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(
        /error NO_ENGINE: .*precision was "float32, sampling in float16" and is "float32"/,
      ),
    });
    expect(snapshot(join(cwd, "half"))).toEqual(before);
  });

  it("is refused of an engine that cannot, before anything is written", async () => {
    const ended = await run("none", ...half, "--engine", "reference");
    expect(ended).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /error NO_ENGINE: .*reference samples in float32, not in the float16 asked for; --engine onnx can/s,
      ),
    });
    expect(Object.keys(snapshot(cwd)).filter((path) => path.includes("none"))).toEqual([]);
  });
});

describe.each(["ddpm", "dcgan"])("bench sample of %s", (model) => {
  it("differs in float16, by less than a level of brightness on average", async () => {
    const pixels = async (name: string, ...words: string[]) => {
      const checkpoint = `single/checkpoints/${model}-seed-0.safetensors`;
      const given = ["sample", "--checkpoint", checkpoint, "--n", "40", "--out", name, "--device", "cpu"];
      expect((await command(...given, ...words)).code).toBe(0);
      return decode(bytes(name)).data;
    };
    const [single, reduced] = [await pixels(`${model}.png`), await pixels(`${model}-half.png`, ...half)];
    const apart = Array.from(single, (value, i) => Math.abs(value - reduced[i]!));
    const total = apart.reduce((sum, value) => sum + value, 0);
    expect(total).toBeGreaterThan(0);
    expect(total / apart.length).toBeLessThan(1);
  });

  it("is refused of an engine that cannot", async () => {
    const checkpoint = `single/checkpoints/${model}-seed-0.safetensors`;
    const words = ["sample", "--checkpoint", checkpoint, "--out", "x.png", "--engine", "reference"];
    expect(await here([...words, ...half], cwd)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("error NO_ENGINE: "),
    });
  });
});

it("bench doctor says what each engine samples in", async () => {
  const { rungs } = JSON.parse((await command("doctor", "--json")).stdout) as {
    rungs: { provider: string; usable: boolean; samplesIn?: string[] }[];
  };
  const of = (provider: string) => rungs.find((rung) => rung.provider === provider)!.samplesIn;
  expect(of("cpu")).toEqual(["float32", "float16"]);
  expect(of("tfjs-cpu")).toEqual(["float32"]);
  for (const { usable, samplesIn } of rungs) expect(samplesIn === undefined).toBe(!usable);
  expect((await command("doctor")).stdout).toMatch(/onnx +cpu .*float32, float16 \(emulated\)/);
});
