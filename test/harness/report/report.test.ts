import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Chart } from "../../../src/harness/report/charts/index.ts";
import { nameAt } from "../../../src/harness/report/charts/names.ts";
import { renderChart, renderSpec } from "../../../src/harness/report/charts/render.ts";
import { renderReport, writeReport } from "../../../src/harness/report/index.ts";
import { chartsOf } from "../../../src/harness/report/section.ts";
import { overlaidCharts, verdictsTable } from "../../../src/harness/report/sections/several.ts";
import { sectionsOf, tables } from "../../../src/harness/stages/readout/index.ts";
import { rowLinks, viewOf } from "../../../src/harness/tables/index.ts";
import { type FixtureOptions, fixture, STEPS, writeFixture } from "./fixture.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "bench-report-"));
});
afterEach(async () => {
  await rm(dir, { recursive: true });
});

const runs: Record<string, FixtureOptions> = {
  "one seed": {},
  "three seeds": { seeds: [1, 2, 3] },
  "zeros, negatives and undefined metrics": { awkward: true },
  "a partial run with a failed cell": { partial: true, failed: true },
  "a run that only trained": { trainingOnly: true },
  "every stage with one seed": { everyStage: true },
  "every stage with four seeds, one diverged": { everyStage: true, seeds: [1, 2, 3, 4] },
  "every stage, broken off": { everyStage: true, awkward: true, partial: true, failed: true },
};

describe.each(Object.entries(runs))("the charts of %s", (_, options) => {
  const { run, cells } = fixture(options);
  const charts: Chart[] = chartsOf(sectionsOf(viewOf(run, cells)));

  it("draw without a warning from Vega, each with marks, a title and words", async () => {
    const drawn = await Promise.all(charts.map(renderChart));
    expect(drawn.flatMap(({ warnings }) => warnings)).toEqual([]);
    for (const { svg, chart } of drawn) {
      expect(svg).toMatch(/mark-(line|rect|symbol) role-mark[^>]*><path[^>]*d="M/);
      expect(svg).not.toMatch(/NaN|Infinity|undefined|style="/);
      expect(chart.title).not.toBe("");
      expect(chart.description).toMatch(/\.$/);
    }
  });

  it("have ids of their own, which no section has, and rows of numbers behind them, as wide as their header", () => {
    const ids = [...charts, ...sectionsOf(viewOf(run, cells))].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[a-z0-9-]+$/);
    for (const { table } of charts) {
      expect(table.rows.length).toBeGreaterThan(0);
      for (const row of table.rows) expect(row).toHaveLength(table.columns.length);
    }
  });
});

describe("rows of numbers", () => {
  it.each(Object.entries(runs))("lead to their lines in the CSV files, of %s", (_, options) => {
    const { run, cells } = fixture(options);
    const rowOf = rowLinks(viewOf(run, cells), tables);
    const sections = sectionsOf(viewOf(run, cells));
    const shown = [
      ...chartsOf(sections).map(({ id, table }) => ({ id, table })),
      ...sections.flatMap(({ parts }) =>
        parts.flatMap((part) => (part.kind === "table" ? [{ id: part.caption, table: part.table }] : [])),
      ),
    ].filter(({ table }) => table.sources);
    expect(shown.length).toBeGreaterThan(3);
    for (const { id, table } of shown) {
      expect(table.sources, id).toHaveLength(table.rows.length);
      for (const source of table.sources!)
        if (source)
          expect(rowOf(source.csv, source.key), `${id}: ${JSON.stringify(source)}`).toMatch(/#row=\d+$/);
    }
  });
});

it("a table of a section names the file that holds it in full, which is one of the run's", () => {
  const names = tables.map(({ name }) => name);
  const { run, cells } = fixture({ everyStage: true, seeds: [1, 2] });
  const files = sectionsOf(viewOf(run, cells)).flatMap(({ parts }) =>
    parts.flatMap((part) => (part.kind === "table" && part.csv !== undefined ? [part.csv] : [])),
  );
  expect(files).toContain("tuning");
  for (const file of files) expect(names).toContain(file);
});

describe("charts", () => {
  const idsOf = (options: FixtureOptions) => {
    const { run, cells } = fixture(options);
    return Object.fromEntries(
      sectionsOf(viewOf(run, cells)).map((section) => [section.id, chartsOf([section]).map(({ id }) => id)]),
    );
  };

  it("are those of the stages that ran", () => {
    expect(idsOf({})).toEqual({
      front: ["front-batch-1", "front-batch-16"],
      stability: ["training-0", "training-1", "training-2", "training-3"],
      latency: ["latency-batch-1", "latency-batch-16", "throughput", "cold-start", "memory", "noise"],
      diversity: [
        "quality-fid",
        "quality-kid",
        "quality-precision-k5",
        "quality-recall-k5",
        "quality-density-k5",
        "quality-coverage-k5",
        "quality-mode-count",
        "quality-reverse-kl",
        "plane-precision-recall",
        "plane-density-coverage",
        "judges-pixels",
        "modes",
        "weights",
      ],
      control: [],
      data: [],
      distill: [], // of a claim the section stands there, measured or not
      tune: [],
    });
    expect(idsOf({ trainingOnly: true })).toMatchObject({ latency: ["memory"], diversity: [] });
  });

  it("are those of every stage where every stage ran", () => {
    const { stability, latency, ...others } = idsOf({ everyStage: true, seeds: [1, 2] });
    const units = ["seconds", "images", "flops"];
    expect(stability!.slice(0, 13)).toEqual([
      ...units.map((unit) => `budget-${unit}`),
      ...["coverage", "precision"].flatMap((metric) => units.map((unit) => `budget-${metric}-${unit}`)),
      "final-over-best",
      "failures",
      "spread",
      "sensitivity",
    ]);
    expect(latency).toContain("price");
    expect(others).toMatchObject({
      control: ["guidance", "cas", "fills", "calibration", "hole-time"],
      data: [
        "training-set-size",
        "memorised",
        "training-set-images-0",
        "training-set-images-3",
        "training-set-seconds-0",
        "training-set-seconds-3",
      ],
      distill: ["distill-steps"],
      schedules: ["log-snr", "alpha-bar", "quality-by-schedule"],
      losses: ["likelihood", "likelihood-profile", "quality-by-loss"],
      cost: ["cost-fit", "cost-held-out"],
      tune: ["tuning-curve"],
    });
  });

  it("say how many values a logarithmic axis leaves out", () => {
    const { run, cells } = fixture({ awkward: true });
    const notes = chartsOf(sectionsOf(viewOf(run, cells))).flatMap(({ id, notes }) =>
      notes.map((note) => `${id}: ${note}`),
    );
    expect(notes).toContainEqual(expect.stringMatching(/^training-2: 1 value at or below zero is not drawn/));
    expect(notes).toContainEqual(
      expect.stringMatching(/^quality-fid: 1 value at or below zero is not drawn/),
    );
    expect(notes).toContainEqual(
      "quality-density-k5: Undefined at 2 settings: all generated images are equal.",
    );
  });

  it("draw thousand modes in a hundred columns, and say so", async () => {
    const { run, cells } = fixture();
    const modes = Array.from({ length: 1000 }, (_, i) => `mode ${i}`);
    const many = cells.map((cell) =>
      cell.state === "done" && cell.record.kind === "diversity"
        ? {
            ...cell,
            record: {
              ...cell.record,
              settings: cell.record.settings.map((one) => ({
                ...one,
                modeCounts: modes.map((_, i) => i % 3),
              })),
            },
          }
        : cell,
    );
    const drawn = chartsOf(sectionsOf(viewOf({ ...run, dataset: { ...run.dataset, modes } }, many)));
    const chart = drawn.find(({ id }) => id === "modes");
    expect(chart!.table.columns).toHaveLength(101);
    expect(chart!.notes).toEqual(["The modes are summed in 100 runs of neighbours."]);
    expect((await renderChart(chart!)).warnings).toEqual([]);
  });
});

describe("charts of several runs", () => {
  const viewed = ({ run, cells }: ReturnType<typeof fixture>) => viewOf(run, cells);
  const runs = [
    { name: "first", ...viewed(fixture()) },
    { name: "second", ...viewed(fixture({ everyStage: true, seeds: [1, 2, 3, 4] })) },
  ];

  it("name each run once and hold the settings of all", async () => {
    const drawn = overlaidCharts(runs);
    expect(drawn.map(({ id }) => id)).toEqual(["together-front", "together-quality", "together-latency"]);
    for (const { legend, table } of drawn) {
      expect(legend.map(({ label }) => label)).toEqual(["first", "second"]);
      const of = (name: string) => table.rows.filter(([run]) => run === name).length;
      expect([of("first"), of("second")]).toEqual([2 * STEPS.length + 1, 3 * STEPS.length + 3 + 2]);
    }
    expect((await Promise.all(drawn.map(renderChart))).flatMap(({ warnings }) => warnings)).toEqual([]);
  });

  it("stand beside what each says to each claim", () => {
    const { columns, rows } = verdictsTable(runs);
    expect(columns).toEqual(["claim", "first", "second"]);
    expect(rows).toContainEqual(["Diffusion needs more data", "not measured", "holds"]);
  });
});

describe("the page", () => {
  const hostile = `</script><img src=x onerror="alert(1)">`;
  let home: string;
  let html: string;
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), "bench-page-"));
    await writeFixture(home, { dataset: hostile, ganTitle: hostile });
    const report = await renderReport(home);
    expect(report.warnings).toEqual([]);
    html = report.html;
  });
  afterAll(async () => {
    await rm(home, { recursive: true });
  });

  it("shows a hostile name as text, everywhere", () => {
    expect(/<img src=x/i.test(html)).toBe(false);
    expect(html.includes("&lt;/script&gt;&lt;img src=x onerror=&quot;alert(1)&quot;&gt;")).toBe(true);
    const opened = html.match(/<script/g)!.length;
    expect(html.match(/<\/script>/g)).toHaveLength(opened);
  });

  it("allows the scripts and styles written into it by their hashes, and nothing else", () => {
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/
      .exec(html)![1]!
      .replaceAll("&#39;", "'");
    expect(policy).toMatch(/^default-src 'none'; img-src data:; script-src /);
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    const hash = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
    const scripts = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, text]) => text!);
    const styles = [...html.matchAll(/<style>([\s\S]*?)<\/style>/g)].map(([, text]) => text!);
    expect([scripts.length, styles.length]).toEqual([1, 1]);
    for (const text of [...scripts, ...styles]) expect(policy).toContain(hash(text));
    const markup = html.replaceAll(/<(script|style)[\s\S]*?<\/\1>/g, "");
    expect(/<[^>]* (on\w+|style)="/.exec(markup)?.[0]).toBeUndefined();
  });

  it("refers to nothing outside itself but the files beside it", () => {
    const markup = html.replaceAll(/<(script|style)[\s\S]*?<\/\1>/g, "");
    const references = [...markup.matchAll(/ (?:src|href|xlink:href)="([^"]*)"/g)].map(([, url]) => url!);
    expect(references.length).toBeGreaterThan(10);
    for (const url of references) expect(url).toMatch(/^(#[\w-]+$|#decide\?|data:|csv\/)/);
  });

  it("is under 3 MB and holds every sample grid", () => {
    expect(Buffer.byteLength(html)).toBeLessThan(3e6);
    // real images and the best of each family stand at the top as well
    const grids = html.match(/<img src="data:image\/png;base64,[^"]*"/g)!;
    expect([new Set(grids).size, grids.length]).toEqual([2 + 2 * STEPS.length, 5 + 2 * STEPS.length]);
  });

  it("shows scripts to no one who has none: each drawing is in the page already", () => {
    const charts = html.match(/<div class="chart" role="img"[^>]*><svg /g)!;
    expect(charts).toHaveLength(html.match(/class="spec"/g)!.length);
  });

  it("gives the same bytes again", async () => {
    expect((await renderReport(home)).html === html).toBe(true);
  });
});

describe("sample grids", () => {
  const grid = "samples/dcgan-none-1-1.png";

  it("that are missing or changed are named in the page and in a warning", async () => {
    await writeFixture(dir);
    await rm(join(dir, grid));
    const missing = await renderReport(dir);
    expect(missing.warnings).toEqual([expect.stringMatching(`^${grid} cannot be read`)]);
    expect(missing.html.includes(`${grid} is missing or was changed.`)).toBe(true);
    await writeFile(join(dir, grid), "not that picture");
    expect((await renderReport(dir)).warnings).toEqual([
      `${grid} differs from its recorded sha256 and is not shown.`,
    ]);
  });

  it("are never read from outside the run folder", async () => {
    await writeFixture(dir);
    const path = join(dir, "cells.jsonl");
    const text = await readFile(path, "utf8");
    await writeFile(path, text.replaceAll(grid, "samples/../../outside.png"));
    await expect(renderReport(dir)).rejects.toMatchObject({
      code: "BAD_RUN_FOLDER",
      message: expect.stringContaining("not a file that a run writes"),
    });
  });
});

it("draws names that every object knows as members of its own", async () => {
  const names = ["constructor", "toString", "valueOf", "hasOwnProperty", "__proto__", "_", "isPrototypeOf"];
  const { svg, warnings } = await renderSpec(
    {
      data: { values: names.map((_, at) => ({ at })) },
      mark: "point",
      encoding: { y: { field: "at", type: "ordinal", axis: { labelExpr: nameAt(names) } } },
    },
    "names",
  );
  expect(warnings).toEqual([]);
  for (const name of names) expect(svg).toContain(`>${name}<`);
});

describe("writeReport", () => {
  it("writes the page and every table, leaves nothing else, and overwrites its own", async () => {
    await writeFixture(dir);
    const before = await readdir(dir);
    const written = await writeReport(dir);
    expect(written.html).toBe(join(dir, "report.html"));
    expect((await readdir(dir)).toSorted()).toEqual([...before, "csv", "report.html"].toSorted());
    expect((await readdir(join(dir, "csv"))).toSorted()).toEqual(
      written.csv.map((path) => path.slice(join(dir, "csv").length + 1)).toSorted(),
    );
    const first = await readFile(written.html);
    await writeReport(dir);
    expect(first.equals(await readFile(written.html))).toBe(true);
  });

  it("says where it cannot write, and leaves no half file", async () => {
    await writeFixture(dir);
    await writeFile(join(dir, "csv"), "a file where the folder belongs");
    await expect(writeReport(dir)).rejects.toMatchObject({
      code: "OUTPUT_UNWRITABLE",
      message: expect.stringMatching(/csv.training\.csv cannot be written.*choose another --out/),
    });
    await rm(join(dir, "csv"));
    await mkdir(join(dir, "report.html"));
    await expect(writeReport(dir)).rejects.toMatchObject({ code: "OUTPUT_UNWRITABLE" });
    expect((await readdir(dir)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });
});
