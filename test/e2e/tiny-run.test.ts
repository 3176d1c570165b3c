/** The real command on a suite of seconds: everything is trained, measured, written and reported. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { parse } from "csv-parse/sync";
import { decode } from "fast-png";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunRecords, readRun } from "../../src/harness/record/index.ts";
import { bench } from "./entries.ts";
import { type Ended, node, snapshot } from "./process.ts";

const suite = resolve("test/e2e/tiny.yaml");

interface Summary {
  readonly out: string;
  readonly state: string;
  readonly exitCode: number;
  readonly cells: Record<string, number>;
  readonly csv: string[];
}

async function run(out: string, ...words: string[]): Promise<Ended> {
  return node([bench, "run", "--suite", suite, "--out", out, "--device", "cpu", "--json", ...words], {
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
});

describe("a whole run", () => {
  it("ends well and says so once, as JSON", () => {
    expect(first.code).toBe(0);
    const summary = JSON.parse(first.stdout) as Summary;
    expect(summary).toMatchObject({ state: "complete", exitCode: 0, out: folder });
    expect(summary.cells).toEqual({ planned: 12, done: 12, failed: 0, skipped: 0 });
    expect(records.run.plan.map(({ id }) => id)).toEqual([
      "classifier",
      "anchors",
      "forward/ddpm",
      "train/ddpm/seed-0",
      "train/dcgan/seed-0",
      "stability/ddpm/seed-0",
      "stability/dcgan/seed-0",
      "diversity/ddpm/seed-0",
      "diversity/dcgan/seed-0",
      "likelihood/ddpm/seed-0",
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

describe("a second run with the same seed, two cells at once", () => {
  it("gives the same bytes, timings aside, and says how many ran beside each cell", async () => {
    const again = join(cwd, "again");
    expect((await run(again, "--jobs", "2")).code).toBe(0);
    const { run: second, cells } = await readRun(again);
    expect([records.run.jobs, second.jobs]).toEqual([undefined, 2]);
    for (const { beside } of records.cells) expect(beside).toBeUndefined();
    for (const { id, beside } of cells) {
      if (id.startsWith("latency/")) expect(beside, id).toBe(0);
      if (id.startsWith("train/")) expect(beside, id).toBeGreaterThan(0);
    }
    const contents = (root: string) =>
      Object.fromEntries(
        Object.entries(snapshot(root))
          .map(([path, hash]) => [relative(root, path), hash] as const)
          .filter(([path]) => /^(csv|samples|checkpoints)\//.test(path) && !/latency|_time/.test(path)),
      );
    const expected = contents(folder);
    expect(Object.keys(expected).length).toBeGreaterThan(10);
    expect(contents(again)).toEqual(expected);
  });
});

describe("an interrupted run", () => {
  it("keeps what is finished, continues, and ends where an uninterrupted one does", async () => {
    const out = join(cwd, "interrupted");
    let stopped = false;
    const without = ["latency", "likelihood"].flatMap((stage) => ["--set", `stages.${stage}=null`]);
    const words = ["run", "--suite", suite, "--out", out, "--device", "cpu", ...without];
    const cut = await node([bench, ...words], {
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
    expect(partial.cells.length).toBeLessThan(9);
    const resumed = await node([bench, "run", "--resume", "--out", out], { cwd });
    expect(resumed.code, resumed.stderr).toBe(0);
    const whole = await readRun(out);
    expect(whole.run.state).toBe("complete");
    const rest = records.cells.map(({ id }) => id).filter((id) => !/^(latency|likelihood)\//.test(id));
    expect(whole.cells.map(({ id }) => id)).toEqual(rest);
    expect(readFileSync(join(out, "csv/diversity.csv"))).toEqual(
      readFileSync(join(folder, "csv/diversity.csv")),
    );
  });
});
