import { parse } from "csv-parse/sync";
import { describe, expect, it } from "vitest";
import { csvText } from "../../../src/core/csv.ts";
import type { Cell, Run } from "../../../src/harness/record/index.ts";
import { latencyRows } from "../../../src/harness/stages/latency/tables.ts";
import { tables } from "../../../src/harness/stages/readout/index.ts";
import { csvFiles, type Table, viewOf } from "../../../src/harness/tables/index.ts";
import { PROCESSES } from "./fixture/common.ts";
import { fixture, MODES, STEPS } from "./fixture.ts";

type Line = Record<string, string>;

const files = tables.filter(({ internal }) => !internal);
const columnsOf = (name: string): Table["columns"] => files.find((table) => table.name === name)!.columns;

/** Files of each list of cells, made once: every test looks at one of them. */
const written = new Map<readonly Cell[], ReturnType<typeof csvFiles>>();
function textOf(run: Run, cells: readonly Cell[], name: string): string {
  const made = written.get(cells) ?? csvFiles(viewOf(run, cells), tables);
  written.set(cells, made);
  return made.find(({ path }) => path === `csv/${name}.csv`)!.text;
}
const NOTHING: readonly Cell[] = [];
const read = (run: Run, cells: readonly Cell[], name: string): Line[] =>
  parse(textOf(run, cells, name), { columns: true });

const { run, cells } = fixture({ awkward: true });
const full = fixture({ everyStage: true, seeds: [1, 2, 3] });
const names = files.map(({ name }) => name);
const timingCsvs = files.filter(({ timing }) => timing).map(({ name }) => name);

/** Every field that a clock or a memory counter filled, at every depth of a record. */
const TIMES =
  /^(seconds|compileSeconds|imagesPerSecond|peakRssMiB|peakGpuMiB|compileMs|firstMs|samplesMs|milliseconds|millisecondsPerImage|withTeacherSeconds|startedAt)$/;

function elsewhen(key: string, value: unknown): unknown {
  if (!TIMES.test(key)) return value;
  if (typeof value === "number") return value * 1.5 + 1;
  return Array.isArray(value) ? [1, 2, 3] : "2027-01-01T00:00:00.000Z";
}

/** The cells with other times, made once. */
const otherTimes = full.cells.map((cell) => JSON.parse(JSON.stringify(cell), elsewhen) as Cell);

describe.each(names)("%s.csv", (name) => {
  it("has the documented columns, with rows and without", () => {
    const header = Object.keys(columnsOf(name)).join(",");
    expect(textOf(run, cells, name).split("\n")[0]).toBe(header);
    expect(textOf(run, NOTHING, name)).toBe(`${header}\n`);
  });

  it("says what every column means", () => {
    for (const { meaning } of Object.values(columnsOf(name))) expect(meaning).toMatch(/\w{2,}/);
  });

  it("ends lines with a line feed and fills every row", () => {
    const text = textOf(full.run, full.cells, name);
    expect(text).not.toContain("\r");
    expect(text.endsWith("\n")).toBe(true);
    const width = Object.keys(columnsOf(name)).length;
    const rows: string[][] = parse(text);
    expect(rows.length).toBeGreaterThan(1);
    for (const row of rows) expect(row).toHaveLength(width);
  });

  it("is the same whatever other times the run had, unless it says that it holds times", () => {
    const same = textOf(full.run, otherTimes, name) === textOf(full.run, full.cells, name);
    expect(same).toBe(!timingCsvs.includes(name));
  });
});

it("the files that hold times are named for it", () => {
  expect(timingCsvs.toSorted()).toEqual([
    "budgets",
    "cost_time",
    "latency",
    "quality_time",
    "stage_time",
    "training_time",
  ]);
});

describe("values", () => {
  it("are written in full precision: they read back as the same number", () => {
    const lines = read(run, cells, "training");
    const curves = viewOf(run, cells)
      .records("train")
      .flatMap(({ model, curves }) => curves.map((curve) => ({ model, ...curve })));
    expect(lines).toHaveLength(curves.reduce((sum, { values }) => sum + values.length, 0));
    const written = lines.map(({ value }) => Number(value));
    expect(written).toEqual(curves.flatMap(({ values }) => values));
  });

  it("count training images as step times batch", () => {
    for (const { model, step, images_seen } of read(run, cells, "training"))
      expect(Number(images_seen)).toBe(Number(step) * (model === "ddpm" ? 32 : 64));
  });

  it("agree between the latency table and the analysis", () => {
    const lines = read(run, cells, "latency");
    const rows = latencyRows(viewOf(run, cells));
    expect(lines.map((line) => Number(line.images_per_second))).toEqual(
      rows.map((row) => row.imagesPerSecond),
    );
    expect(lines.map((line) => Number(line.p50_ms))).toEqual(rows.map((row) => row.percentiles.p50.value));
  });

  it("hold a percentile only with requests enough, in every process, and say so in the note", () => {
    for (const line of read(run, cells, "latency")) {
      const [n, each] = [Number(line.n), Number(line.n) / PROCESSES]; // the fixture's processes take equally many
      expect(line.p90_ms === "").toBe(n < 29 || each < 7);
      expect(line.p95_ms === "").toBe(n < 59 || each < 13);
      expect(line.p99_ms).toBe(""); // 299 are needed; the fixture has at most 180
      expect(line.note).toContain(`p99 needs 299 requests, not ${n}`);
      for (const level of ["p50", "p90", "p95"] as const) {
        expect(line[`${level}_low_ms`] === "").toBe(line[`${level}_ms`] === "");
        if (line[`${level}_ms`] === "") continue;
        expect(Number(line[`${level}_low_ms`])).toBeLessThanOrEqual(Number(line[`${level}_ms`]));
        expect(Number(line[`${level}_high_ms`])).toBeGreaterThanOrEqual(Number(line[`${level}_ms`]));
      }
    }
  });

  it("hold the anchors first, without seed, and an undefined metric with its reason", () => {
    const lines = read(run, cells, "diversity");
    const models = [...new Set(lines.map(({ model }) => model))];
    expect(models).toEqual(["real", "noise", "ddpm", "dcgan"]);
    expect(lines[0]).toMatchObject({
      model: "real",
      seed: "",
      metric: "fid",
      value: "0",
      direction: "lower",
    });
    const undefinedOnes = lines.filter(({ why }) => why !== "");
    expect(undefinedOnes).toHaveLength(2); // both samplers at two steps
    expect(undefinedOnes[0]).toMatchObject({ steps: "2", metric: "density_k5", value: "", direction: "" });
    const sets = 2 + 2 * STEPS.length + 1;
    expect(read(run, cells, "modes")).toHaveLength(sets * MODES.length);
  });

  it("keep a training that diverged, with its reason and no value", () => {
    const lost = read(full.run, full.cells, "sensitivity").filter(({ outcome }) => outcome === "diverged");
    expect(lost).toHaveLength(3); // a GAN at four times its learning rate, three seeds
    expect(lost[0]).toMatchObject({
      factor: "4",
      diverged_step: "90",
      value: "",
      why: "diverged: loss is NaN",
    });
    const ended = read(full.run, full.cells, "trainings").filter(({ outcome }) => outcome === "diverged");
    expect(ended).toHaveLength(1);
    expect(ended[0]).toMatchObject({ model: "wgan", seed: "3", final_fid: "", collapsed: "" });
  });

  it("survive names with commas, quotes and line ends, and hold none that a spreadsheet or a terminal runs", () => {
    const names: Readonly<Record<string, string>> = {
      'a,"b"\nc': 'a,"b"\nc',
      "=cmd|' /C calc'!A0": "'=cmd|' /C calc'!A0",
      "@SUM(1+1)": "'@SUM(1+1)",
      "+1": "'+1",
      "\tx": "'\tx",
      "\u001b[31mred": "\ufffd[31mred",
      "a=b": "a=b",
    };
    const modes = MODES.map((mode, i) => Object.keys(names)[i] ?? mode);
    const lines = read({ ...run, dataset: { ...run.dataset, modes } }, [...cells], "modes");
    const written = Object.values(names);
    expect(lines.slice(0, written.length).map(({ mode }) => mode)).toEqual(written);
    expect(csvText([["a"], [-1.5], [-0.25e-7]])).toBe("a\n-1.5\n-2.5e-8\n");
  });
});
