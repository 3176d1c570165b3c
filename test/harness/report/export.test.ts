import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readRun } from "../../../src/harness/record/index.ts";
import { readAsset } from "../../../src/harness/report/assets.ts";
import { coloured, palettesOf } from "../../../src/harness/report/charts/palette.ts";
import { renderSpec } from "../../../src/harness/report/charts/render.ts";
import {
  checkReportFolder,
  exportReport,
  writeReport,
  writeSideBySide,
} from "../../../src/harness/report/index.ts";
import { code, link, table, text } from "../../../src/harness/report/render/markdown/text.ts";
import { runReport } from "../../../src/harness/report/run-report.ts";
import { chartsOf } from "../../../src/harness/report/section.ts";
import { viewOf } from "../../../src/harness/tables/index.ts";
import { writeFixture } from "./fixture.ts";

const hostile = `</script><img src=x onerror=alert(1)>|*`;
let home: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "bench-export-"));
  await writeFixture(join(home, "hostile"), { dataset: hostile, ganTitle: hostile, awkward: true });
});
afterAll(async () => await rm(home, { recursive: true }));

describe("specifications and figures", () => {
  it("stand alone: own data, own colours, own legend, and nothing that Vega warns of", async () => {
    const dir = join(home, "hostile");
    const { files, warnings } = await exportReport(dir, { specs: true, figures: true });
    expect(warnings).toEqual([]);
    const { run, cells } = await readRun(dir);
    const charts = chartsOf(runReport(viewOf(run, cells), [], () => undefined).sections);
    expect(charts.length).toBeGreaterThan(10);
    expect(files).toHaveLength(3 * charts.length);
    for (const { id, legend, title } of charts) {
      const source = await readFile(join(dir, "specs", `${id}.vl.json`), "utf8");
      const spec = JSON.parse(source);
      expect(spec.$schema).toBe("https://vega.github.io/schema/vega-lite/v6.json");
      expect(source).not.toMatch(/var\(--|"url"/);
      const svg = await readFile(join(dir, "figures", `${id}.svg`), "utf8");
      const again = await renderSpec(spec, id);
      expect(again.warnings).toEqual([]);
      expect(again.svg === svg, id).toBe(true);
      expect(svg).not.toMatch(/var\(--|<image|<script/);
      const escaped = (label: string) => label.replaceAll("<", "&lt;").replaceAll(">", "&gt;");
      for (const label of [title, ...legend.map((entry) => entry.label)])
        expect(svg, `${id}: ${label}`).toContain(escaped(label));
      const dark = await readFile(join(dir, "figures", `${id}-dark.svg`), "utf8");
      expect(dark).not.toBe(svg);
    }
  });

  it("take both palettes from the page's style, and refuse a colour that it has not", async () => {
    const { light, dark } = palettesOf(await readAsset("report.css"));
    expect([light.get("ink"), dark.get("ink")]).toEqual(["#1b1c1e", "#e9e8e4"]);
    expect(coloured({ a: ["var(--ink)"] }, light)).toEqual({ a: ["#1b1c1e"] });
    expect(() => coloured("var(--nothing)", light)).toThrow("no colour --nothing");
  });
});

describe("Markdown", () => {
  it("escapes what it would read as markup", () => {
    expect(text("a <b> *c* | `d`\ne & [f] # 1.")).toBe(
      "a &lt;b&gt; \\*c\\* \\| \\`d\\` e &amp; \\[f\\] # 1.",
    );
    expect([text("# a"), text("1. b"), text("- c")]).toEqual(["\\# a", "1\\. b", "\\- c"]);
    expect(code("a ``` b")).toBe("````\na ``` b\n````");
    expect(table(["x"], [["|"], [link("1", "csv/a.csv#row=2")]])).toBe(
      "| x |\n| --- |\n| \\| |\n| [1](<csv/a.csv#row=2>) |",
    );
  });

  it("says the decision, points only at files that are there, and shows a hostile name as text", async () => {
    const dir = join(home, "hostile");
    await writeReport(dir);
    await exportReport(dir, { markdown: true });
    const written = await readFile(join(dir, "report.md"), "utf8");
    expect(written).toMatch(/\*\*(Deploy|None) .*\*\*/);
    const outsideCode = written.replaceAll(/^(`{3,})\n[\s\S]*?\n\1$/gm, "");
    expect(outsideCode).not.toContain("<img src=x");
    expect(written).toContain("&lt;img src=x");
    const paths = [...written.matchAll(/(?:src|srcset)="([^"]*)"|\]\(<([^>#]*)[^>]*>\)/g)].map(
      ([, file, linked]) => file ?? linked!,
    );
    expect(paths.length).toBeGreaterThan(40);
    for (const path of paths) expect(existsSync(join(dir, path)), path).toBe(true);
  });
});

describe("a report elsewhere", () => {
  it("is whole in a new folder, and the run stays as it was", async () => {
    const dir = join(home, "done");
    await writeFixture(dir);
    const before = await readdir(dir, { recursive: true });
    await chmod(dir, 0o555);
    const out = join(home, "elsewhere");
    await checkReportFolder(out);
    const { html, csv } = await writeReport(dir, out);
    const { warnings } = await exportReport(dir, { markdown: true }, out);
    await chmod(dir, 0o755);
    expect(warnings).toEqual([]);
    expect(await readdir(dir, { recursive: true })).toEqual(before);
    for (const path of [html, ...csv]) expect(path.startsWith(out)).toBe(true);
    const written = await readFile(join(out, "report.md"), "utf8");
    const pictures = [...written.matchAll(/<img src="(samples[^"]*)"/g)].map(([, path]) => path!);
    expect(pictures.length).toBeGreaterThan(0);
    for (const path of pictures) expect(existsSync(join(out, path)), path).toBe(true);
  });

  it("replaces nothing", async () => {
    const out = join(home, "thesis");
    await mkdir(join(out, "csv"), { recursive: true });
    await expect(checkReportFolder(out)).rejects.toMatchObject({ code: "OUTPUT_EXISTS" });
    await writeFile(join(home, "file"), "");
    await expect(checkReportFolder(join(home, "file"))).rejects.toMatchObject({ code: "OUTPUT_UNWRITABLE" });
  });

  it("follows no link out of the run folder", async () => {
    const dir = join(home, "foreign");
    await writeFixture(dir);
    await mkdir(join(home, "mine"));
    await writeFile(join(home, "mine/latency.csv"), "precious");
    await symlink(join(home, "mine"), join(dir, "csv"));
    for (const write of [() => writeReport(dir), () => exportReport(dir, { figures: true })])
      await expect(write()).rejects.toMatchObject({
        code: "OUTPUT_EXISTS",
        message: expect.stringContaining("csv is a link"),
      });
    expect(await readFile(join(home, "mine/latency.csv"), "utf8")).toBe("precious");
  });
});

describe("several runs", () => {
  it("stand in one page: an answer and a column each, ids once, links into their folders", async () => {
    await writeFixture(join(home, "a", "run"), { seeds: [1, 2, 3] });
    await writeFixture(join(home, "b", "run"), { software: true });
    const folders = ["hostile", "a/run", "b/run"].map((name) => join(home, name));
    for (const folder of folders.slice(1)) await writeReport(folder);
    const { html: path, warnings } = await writeSideBySide(folders, join(home, "together"));
    expect(warnings).toEqual([]);
    expect(await readdir(join(home, "together"))).toEqual(["report.html"]);
    const html = await readFile(path, "utf8");
    const ids = [...html.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id!);
    expect(new Set(ids).size).toBe(ids.length);
    expect(html.match(/data-answer="\d"/g)).toEqual([0, 1, 2].map((i) => `data-answer="${i}"`));
    for (const words of ["Different data", "Different devices", "b/run (3): Software GPU"])
      expect(html).toContain(words);
    expect(/<img src=x/.test(html)).toBe(false);
    const links = [...html.matchAll(/ href="(\.\.[^"#]*)/g)].map(([, href]) => href!);
    expect(links.length).toBeGreaterThan(30);
    for (const href of new Set(links)) expect(existsSync(join(home, "together", href)), href).toBe(true);
  });
});
