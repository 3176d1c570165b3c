import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Script } from "node:vm";
import { afterEach, describe, expect, it } from "vitest";
import { readAsset, readAssets } from "../../../src/harness/report/assets.ts";
import { inlineScript } from "../../../src/harness/report/render/html/policy.ts";
import { dataTable } from "../../../src/harness/report/render/html/tables.ts";
import { html, jsonBlock } from "../../../src/harness/report/render/html/template.ts";

describe("templates", () => {
  it("escape text and lists of it, and put markup in as it is", () => {
    const inner = html`<b>${`<&>"'`}</b>`;
    expect(inner.html).toBe("<b>&lt;&amp;&gt;&quot;&#39;</b>");
    expect(html`<p title="${'"'}">${[inner, "<", 1]}${undefined}</p>`.html).toBe(
      `<p title="&quot;">${inner.html}&lt;1</p>`,
    );
  });

  it("write JSON that cannot end its block and reads back the same", () => {
    const value = { a: "</script><!--", b: [1, "<"] };
    const text = jsonBlock(value).html;
    expect(text).not.toContain("<");
    expect(JSON.parse(text)).toEqual(value);
  });

  it("show a long table's first rows, and say how many more there are", () => {
    const rows = Array.from({ length: 1000 }, (_, i) => [String(i)]);
    const table = dataTable("t", { columns: ["n"], rows }).html;
    expect(table.match(/<th scope="row">/g)).toHaveLength(300);
    expect(table).toContain("700 more rows are in the CSV files.");
    expect(dataTable("t", { columns: ["n"], rows: rows.slice(700) }).html).not.toContain("more rows");
  });

  it("align a column right where all that it holds are numbers", () => {
    const rows = [
      ["a", "1.5 ms", "9"],
      ["b", "-2,300", "x"],
    ];
    const table = dataTable("t", { columns: ["name", "time", "mixed"], rows }).html;
    expect(table.match(/<th scope="col" class="(\w+)"/g)!.map((cell) => cell.slice(23, -1))).toEqual([
      "text",
      "number",
      "text",
    ]);
  });
});

describe("inlined scripts", () => {
  it("are refused where they hold what ends a script", () => {
    expect(() => inlineScript('const a = "</SCRIPT>"')).toThrow(/must not hold/);
  });
});

describe("assets", () => {
  const entry = process.argv[1]!;
  afterEach(() => {
    process.argv[1] = entry;
  });

  it("are the styles and one script, which imports nothing and holds nothing that ends it", async () => {
    const assets = await readAssets();
    expect(Object.keys(assets)).toEqual(["report.css", "decision.css", "page.js"]);
    for (const text of Object.values(assets)) expect(text.length).toBeGreaterThan(1000);
    expect(() => inlineScript(assets["page.js"])).not.toThrow();
    expect(() => new Script(assets["page.js"])).not.toThrow(); // a classic script: no import, no export
  });

  it("are taken from beside the entry where a bundle has them", async () => {
    const home = await mkdtemp(join(tmpdir(), "bench-assets-"));
    await mkdir(join(home, "assets"));
    await writeFile(join(home, "bench.js"), "");
    await writeFile(join(home, "assets", "report.css"), "p{}");
    process.argv[1] = join(home, "bench.js");
    expect(await readAsset("report.css")).toBe("p{}");
    expect((await readAsset("decision.css")).length).toBeGreaterThan(1000); // not there: the checkout's
    await rm(home, { recursive: true });
  });
});
