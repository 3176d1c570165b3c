/**
 * What it takes to add a metric and a stage: both are added to a copy of the sources, by the files below and one entry in
 * each registry. The copy then type-checks, and a run of it measures, compares and reports both.
 */
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const execute = promisify(execFile);

/** A metric: its file. */
const metric = {
  "src/metrics/hue.ts": `
import { defineMetric } from "./define.ts";

export const hue = defineMetric("features", {
  name: "hue",
  title: "Hue",
  meaning: "a planted number",
  paper: "none",
  protocol: () => "first feature",
  direction: "higher",
  domain: [0, 1],
  change: { scale: "difference", floor: 0.1, detect: 0.5 },
  scores: ["setting"],
  minimumCount: () => 1,
  tieRule: "none",
  compute: () => ({ value: 0.25 }),
});
`,
};

/** A stage: its folder. */
const stage = {
  "src/harness/stages/brightness/options.ts": `
import * as z from "zod";
import { count } from "../../suite/parts.ts";

export const brightnessOptions = z.strictObject({ images: count.default(10) });
`,
  "src/harness/stages/brightness/record.ts": `
import * as z from "zod";
import { count, finite } from "../../record/parts.ts";

export const brightnessRecordSchema = z.strictObject({ kind: z.literal("brightness"), images: count, mean: finite });
`,
  "src/harness/stages/brightness/run.ts": `
import { mean } from "../../../core/statistics/index.ts";
import { firstImages } from "../shared/batches.ts";
import { defineStage } from "../shared/define.ts";

export const brightnessStage = defineStage({
  kind: "brightness",
  title: "takes the mean brightness of test images",
  options: ({ stages }) => stages.brightness,
  plan: (settings) => [{ id: "brightness", needs: [], settings }],
  async run({ dataset }, { images }) {
    const { test } = await dataset();
    const { data, count } = firstImages(test.images, images);
    return { kind: "brightness", images: count, mean: mean(data) };
  },
});
`,
  "src/harness/stages/brightness/tables.ts": `
import { table, type View } from "../../tables/index.ts";

export const brightness = table({
  name: "brightness",
  describe: "Mean brightness of test images; one row.",
  rows: (view: View) =>
    view.done("brightness").map(({ id: cell, record }) => ({ ...record, cell, place: ["brightness"] })),
  columns: (column) => ({
    images: column("test images", (row) => row.images, { unit: "images" }),
    mean: column("mean value, 0 to 255", (row) => row.mean, { reads: { direction: "higher" } }),
  }),
});
`,
  "src/harness/stages/brightness/section.ts": `
import { type Section, text } from "../../report/section.ts";
import { shownAs, type View } from "../../tables/index.ts";
import { brightness } from "./tables.ts";

export const brightnessSection = (view: View): Section => ({
  id: "brightness",
  title: "Brightness",
  parts: brightness.rows(view).flatMap(({ mean }) => text(\`The mean is \${shownAs(mean)}.\`)),
});
`,
};

/** Seconds of work. */
const suite = `
name: added
dataset: { source: shapes, size: 8, train: 100, test: 150 }
models:
  dcgan:
    type: dcgan
    batch: 16
    images: 160
    options: { generatorWidth: 8, discriminatorWidth: 8, latent: 8 }
classifier: { batch: 32, images: 320 }
stages:
  brightness: { images: 20 }
  diversity: { n: 50, batch: 50, k: 3, grid: 20 }
`;

/** The registries' lines: after each anchor, the lines that are added. */
const metricLines: Lines = {
  "src/metrics/index.ts": [
    ['import { fid } from "./fid.ts";', 'import { hue } from "./hue.ts";'],
    ["  fidInfinity,\n  kid,", "  hue,"],
  ],
};
const stageLines: Lines = {
  "src/harness/stages/options.ts": [
    [
      'import { controlOptions } from "./control/options.ts";',
      'import { brightnessOptions } from "./brightness/options.ts";',
    ],
    ["export const stageOptions = {", "  brightness: brightnessOptions,"],
  ],
  "src/harness/stages/records.ts": [
    [
      'import { anchorsRecordSchema } from "./anchors/record.ts";',
      'import { brightnessRecordSchema } from "./brightness/record.ts";',
    ],
    ["  classifierRecordSchema,\n  anchorsRecordSchema,", "  brightnessRecordSchema,"],
  ],
  "src/harness/stages/index.ts": [
    [
      'import { anchorsStage } from "./anchors/run.ts";',
      'import { brightnessStage } from "./brightness/run.ts";',
    ],
    ["  cost: costStage,", "  brightness: brightnessStage,"],
  ],
  "src/harness/stages/readout/index.ts": [
    [
      'import { judges } from "../classifier/tables.ts";',
      'import { brightnessSection } from "../brightness/section.ts";\nimport { brightness } from "../brightness/tables.ts";',
    ],
    ["  anchors: { tables: [] },", "  brightness: { tables: [brightness], section: brightnessSection },"],
  ],
};
type Lines = Readonly<Record<string, readonly (readonly [after: string, added: string])[]>>;

let copy: string;
let written: string;

const node = (...words: readonly string[]) =>
  execute(process.execPath, words, { cwd: copy, maxBuffer: 1 << 26 });
const bench = (...flags: readonly string[]) => node("built/bench.mjs", ...flags);

beforeAll(async () => {
  copy = await mkdtemp(join(resolve("node_modules"), ".adding-"));
  for (const name of ["src", "suites", "scripts", "package.json", "tsconfig.json"])
    await cp(name, join(copy, name), { recursive: true });
  await symlink(resolve("node_modules"), join(copy, "node_modules"));
  for (const [path, text] of Object.entries({ ...metric, ...stage })) {
    await mkdir(dirname(join(copy, path)), { recursive: true });
    await writeFile(join(copy, path), text.trimStart());
  }
  for (const [path, lines] of Object.entries({ ...metricLines, ...stageLines })) {
    let text = await readFile(join(copy, path), "utf8");
    for (const [after, added] of lines) {
      expect(text.split(after), `${path}: ${after}`).toHaveLength(2);
      text = text.replace(after, `${after}\n${added}`);
    }
    await writeFile(join(copy, path), text);
  }
  await writeFile(join(copy, "added.yaml"), suite);
  await node("scripts/build.mjs", "--single", "built");
  await bench("run", "--suite", "added.yaml", "--out", "out", "--engine", "onnx", "--quiet");
  written = join(copy, "out");
});
afterAll(async () => await rm(copy, { recursive: true, force: true }));

const readOut = (path: string) => readFile(join(written, path), "utf8");

describe("a metric in one file and a stage in one folder, an entry in each registry", () => {
  it("are all that the types ask for", async () => {
    await writeFile(
      join(copy, "tsconfig.json"),
      JSON.stringify({ ...JSON.parse(await readFile("tsconfig.json", "utf8")), include: ["src"] }),
    );
    await expect(node("node_modules/typescript/bin/tsc", "--noEmit")).resolves.toMatchObject({ stdout: "" });
  });

  it("are in the suite's schema and the lists of the command", async () => {
    const { stdout: schema } = await bench("list", "schema");
    expect(JSON.parse(schema).properties.stages.properties).toHaveProperty("brightness");
    expect((await bench("list", "metrics")).stdout).toMatch(/^hue +Hue /m);
  });

  it("are in the tables, with the metric's own facts", async () => {
    expect(await readOut("csv/brightness.csv")).toMatch(/^images,mean\n20,[\d.]+\n$/);
    expect(await readOut("csv/diversity.csv")).toContain(",hue,0.25,");
    const { metrics } = JSON.parse(await readOut("run.json"));
    expect(metrics).toContainEqual({
      name: "hue",
      title: "Hue",
      meaning: "a planted number",
      direction: "higher",
      domain: [0, 1],
      change: { scale: "difference", floor: 0.1, detect: 0.5 },
    });
    expect((await readdir(join(written, "csv"))).length).toBeGreaterThan(20);
  });

  it("are in the report, under the metric's title", async () => {
    const page = await readOut("report.html");
    expect(page).toMatch(/The mean is [\d.]+\./);
    expect(page).toContain(">Hue<");
    expect(page.replaceAll(/<script[\s\S]*?<\/script>/g, "")).not.toMatch(/as recorded/i);
  });

  it("are compared", async () => {
    const { stdout } = await bench("compare", "out", "out", "--json");
    expect(stdout).toContain('"brightness/mean"');
    expect(stdout).toMatch(/"diversity\/dcgan\/one-pass\/hue"/);
  });
});
