/** Page, Markdown, terminal and --json give one answer: the same verdict, reason, certainty and changes, in the same words. */
import { describe, expect, it } from "vitest";
import { printDecision, printJson } from "../../../src/harness/cli/output.ts";
import type { Answered } from "../../../src/harness/report/decide/index.ts";
import { decide } from "../../../src/harness/report/index.ts";
import { page } from "../../../src/harness/report/render/html/page.ts";
import { markdown } from "../../../src/harness/report/render/markdown/document.ts";
import { runReport } from "../../../src/harness/report/run-report.ts";
import { tables } from "../../../src/harness/stages/readout/index.ts";
import { rowLinks, viewOf } from "../../../src/harness/tables/index.ts";
import { deploymentRun, STUDENT, type Variant } from "./deployments.ts";
import { fixture } from "./fixture.ts";

type Words = Pick<Answered, "verdict" | "reason" | "notes" | "changes"> & { readonly level: string };

const plain = (text: string) =>
  text
    .replaceAll("\u00a0", " ")
    .replaceAll(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => ({ amp: "&", lt: "<", gt: ">" })[name] ?? "'")
    .replaceAll(/\\(.)/g, "$1");

const changesIn = (text: string, pattern: RegExp) =>
  [...text.matchAll(pattern)].map(([, claim, what]) => ({ claim: claim!, text: what! }));

const notesIn = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, note]) => note!);

/** The answer as each form states it, read back from what a reader sees. */
function statements(run: ReturnType<typeof fixture>["run"], cells: ReturnType<typeof fixture>["cells"]) {
  const view = viewOf(run, cells);
  const report = runReport(view, [], rowLinks(view, tables));
  const decision = decide(run, cells);
  const printed: string[] = [];
  const io = { stdout: { write: (text: string) => printed.push(text) } } as never;

  const assets = { "report.css": "", "decision.css": "", "page.js": "" };
  const html = plain(page(report, () => ({ charts: new Map(), images: new Map() }), assets));
  const inPage = (pattern: RegExp) => pattern.exec(html)![1]!;
  const listed = /<div class="changes">([\s\S]*?)<\/dl>/.exec(html)?.[1] ?? "";

  const [, written] = /## Decision\n\n([\s\S]*?)\n\n### The answer holds for/.exec(plain(markdown(report)))!;
  const [, verdict, reason, level] = /\n\n\*\*(.*)\*\* (.*)\n\n\*\*(\w+)\*\*: /.exec(written!)!;

  printDecision(io, decision);
  const [, answer, certainty, ...rest] = plain(printed.join("")).split("\n");

  printed.length = 0;
  printJson(io, decision);
  const json: Answered = JSON.parse(plain(printed.join("").replaceAll("\\", "\\\\"))).answer;

  return {
    page: {
      verdict: inPage(/<p class="verdict">(.*?)<\/p>/),
      reason: inPage(/<p class="reason">(.*?)<\/p>/),
      level: inPage(/<strong class="level \w+">(.*?)<\/strong>/),
      notes: notesIn(/<ul class="notes">(.*?)<\/ul>/.exec(html)?.[1] ?? "", /<li>(.*?)<\/li>/g),
      changes: changesIn(listed, /<dt>(.*?)<\/dt><dd>(.*?)<\/dd>/g),
    },
    markdown: {
      verdict: verdict!,
      reason: reason!,
      level: level!,
      notes: notesIn(/\*\*: .*\n\n((?:- .*\n)*)/.exec(`${written}\n`)?.[1] ?? "", /^- (.*)$/gm),
      changes: changesIn(written!.split("### ")[1] ?? "", /^- \*\*(.*?)\.\*\* (.*)$/gm),
    },
    terminal: {
      verdict: answer!.slice(0, json.verdict.length),
      reason: answer!.slice(json.verdict.length + 1),
      level: certainty!.split(":")[0]!,
      notes: notesIn(rest.join("\n"), /^note: (.*)$/gm),
      changes: changesIn(rest.join("\n"), /^ {2}(.*?): (.*)$/gm).slice(0, json.changes.length),
    },
    json: {
      verdict: json.verdict,
      reason: json.reason,
      level: json.certainty.level,
      notes: json.notes,
      changes: json.changes,
    },
  } satisfies Record<string, Words>;
}

interface Case {
  readonly name: string;
  readonly variant: Variant;
  readonly verdict: string;
  readonly reason: string;
  readonly level: string;
  /** The first change. */
  readonly change: string;
}

const cases: readonly Case[] = [
  {
    name: "a GAN that is good enough",
    variant: {},
    verdict:
      "Deploy DCGAN: a request of 1 image takes 2 ms (p95, 100 ms allowed) and its FID is 30 (at most 32 required, mean of 1 of 1 seed).",
    reason:
      "It is the cheapest of the 2 of 4 settings that qualify, and costs 2 s of machine time per 1,000 images and 100 s to train: 35 min for 1,000,000 images; next is Student, ddim, 1 step with 72.5 min.",
    level: "inconclusive",
    change: "Below 2 ms per request: no setting qualifies. No longer budget changes the answer.",
  },
  {
    name: "a GAN that is not, and a price",
    variant: { ganFid: 90, perHour: 3.6 },
    verdict:
      "Deploy Student, ddim, 1 step: a request of 1 image takes 4 ms (p95, 100 ms allowed) and its FID is 25 (at most 32 required, mean of 1 of 1 seed).",
    reason:
      "It is the only one of 4 settings that qualifies, and costs 0.004 USD per 1,000 images and 0.35 USD to train: 4.35 USD for 1,000,000 images.",
    level: "inconclusive",
    change: "Below 4 ms per request: no setting qualifies. No longer budget changes the answer.",
  },
  {
    name: "six seeds that agree",
    variant: { ganFid: 90, seeds: [1, 2, 3, 4, 5, 6] },
    verdict:
      "Deploy Student, ddim, 1 step: a request of 1 image takes 4 ms (p95, 100 ms allowed) and its FID is 25 (at most 32 required, mean of 6 of 6 seeds).",
    reason:
      "It is the only one of 4 settings that qualifies, and costs 4 s of machine time per 1,000 images and 5.83 min to train: 72.5 min for 1,000,000 images.",
    level: "supported",
    change: "Below 4 ms per request: no setting qualifies. No longer budget changes the answer.",
  },
  {
    name: "a machine on which every setting is too slow",
    variant: { slower: 60, ganFid: 90, seeds: [1, 2, 3] },
    verdict: "None of the 4 settings qualifies.",
    reason:
      "Student, ddim, 1 step is the fastest that is good enough, and its 240 ms miss the budget by 140 ms (2.4 times the budget).",
    level: "indicative",
    change: "From 240 ms per request on: Student, ddim, 1 step.",
  },
];

describe("page, Markdown, terminal and JSON", () => {
  it.each(cases)("say the same of $name", ({ variant, verdict, reason, level, change }) => {
    const { run, cells } = deploymentRun(variant);
    const { json, ...others } = statements(run, cells);
    expect(json).toMatchObject({ verdict, reason, level });
    expect(json.changes[0]).toEqual({ claim: "Budget", text: change });
    expect(json.changes.length).toBeGreaterThan(3);
    expect(json.notes).toEqual([
      "2 settings of models that are told labels stand aside, since no label is asked for.",
    ]);
    for (const [form, words] of Object.entries(others)) expect(words, form).toEqual(json);
  });

  it.each([
    ["one seed", {}],
    ["three seeds", { seeds: [1, 2, 3] }],
    ["zeros, negatives and undefined metrics", { awkward: true }],
    ["no time and no quality", { trainingOnly: true }],
  ] as const)("say the same of a run with %s", (_, options) => {
    const { run, cells } = fixture(options);
    const { json, ...others } = statements(run, cells);
    for (const [form, words] of Object.entries(others)) expect(words, form).toEqual(json);
  });

  it("leave no second verdict in the JSON", () => {
    const { run, cells } = deploymentRun();
    expect(Object.keys(decide(run, cells)).toSorted()).toEqual([
      "answer",
      "budgets",
      "caveats",
      "findings",
      "scope",
      "stages",
    ]);
    expect(decide(run, cells).budgets[0]!.ranges[2]).toEqual({
      fromMs: 4,
      toMs: undefined,
      setting: STUDENT,
      value: 25,
    });
  });
});
