import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { parseArguments } from "../../src/harness/cli/arguments.ts";
import { commands } from "../../src/harness/cli/commands.ts";
import { suiteNames } from "../../src/harness/suite/locate.ts";
import { benchCommands, commandsOf, shellWords, type Workflow } from "./commands.ts";

const folder = ".github/workflows";
const workflows = readdirSync(folder).map((file): [string, Workflow] => [
  file,
  parse(readFileSync(`${folder}/${file}`, "utf8"), { strict: true }),
]);
const workflow = (name: string) => new Map(workflows).get(name)!;

async function accepted(words: readonly string[]): Promise<void> {
  const parsed = await parseArguments(words, commands);
  if (words[0]!.startsWith("_") || !("given" in parsed)) throw new Error(`no command ${words[0]}`);
  const { suite } = parsed.given as { suite?: string };
  if (suite !== undefined && !suiteNames("suites").includes(suite)) throw new Error(`no suite ${suite}`);
}

describe.each(workflows)("%s", (_, { jobs, permissions, on }) => {
  const all = Object.values(jobs).flatMap(commandsOf);

  it("has only commands that the command line takes, of suites that there are", async () => {
    expect(all.length).toBeGreaterThan(3);
    for (const words of all) await expect(accepted(words), words.join(" ")).resolves.toBeUndefined();
  });

  it("may do no more than it says, and ends by itself", () => {
    expect(permissions).toEqual({ contents: "read" });
    expect(on).toBeDefined();
    for (const job of Object.values(jobs)) expect(job["timeout-minutes"]).toBeGreaterThan(0);
  });

  it("puts no text that a stranger may write into a script", () => {
    const scripts = Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []));
    for (const script of scripts)
      expect(script.replaceAll(/\$\{\{\s*matrix\.\w+\s*\}\}/g, "")).not.toContain("${{");
  });

  it("names for each job only jobs that there are, and for each action a version", () => {
    for (const { needs, steps } of Object.values(jobs)) {
      for (const need of [needs ?? []].flat()) expect(Object.keys(jobs)).toContain(need);
      for (const { uses, run } of steps) {
        expect((uses === undefined) !== (run === undefined)).toBe(true);
        if (uses !== undefined) expect(uses).toMatch(/^actions\/[a-z-]+@v\d+$/);
      }
    }
  });
});

describe("the nightly workflow", () => {
  const { jobs } = workflow("nightly.yml");

  it("runs every shard of the suite once, and joins just those", () => {
    const shards = jobs.shard!.strategy!.matrix.shard!;
    const runs = commandsOf(jobs.shard!).map((words) => words[words.indexOf("--shard") + 1]);
    expect(runs).toEqual(shards.map((shard) => `${shard}/${shards.length}`));
    const outs = commandsOf(jobs.shard!).map((words) => words[words.indexOf("--out") + 1]);
    const merge = commandsOf(jobs.judge!).find(([name]) => name === "merge")!;
    expect(merge.slice(1, merge.indexOf("--out"))).toEqual(outs);
  });

  it("adds the night before it judges it, and keeps it before a verdict can end the job", () => {
    const steps = jobs.judge!.steps.map(({ run }) => run ?? "");
    const place = (text: string) => steps.findIndex((run) => run.includes(text));
    expect(place("history add")).toBeLessThan(place("git push"));
    expect(place("git push")).toBeLessThan(place("bench history history"));
  });
});

it("the README's commands that need nothing of the reader's are run by ci", () => {
  const readme = readFileSync("README.md", "utf8");
  const shown = [...readme.matchAll(/^ {4}(npm ci && npx bench .*?)(?:\s+#.*)?$/gm)].map(([, line]) => line!);
  expect(shown.length).toBeGreaterThan(0);
  const scripts = Object.values(workflow("ci.yml").jobs).flatMap(({ steps }) =>
    steps.map(({ run }) => run ?? ""),
  );
  for (const line of shown)
    expect(
      scripts.some((script) => script.includes(line)),
      line,
    ).toBe(true);
});

describe("the check itself", () => {
  it("reads commands out of a script as a shell does", () => {
    const script =
      // biome-ignore lint/suspicious/noTemplateCurlyInString: GitHub's, not ours
      "npm ci && npx bench run --shard ${{ matrix.shard }}/3 || [ $? -eq 5 ]\n  bench list suites; npx bench compare \"a b\" 'c'";
    expect(benchCommands(script, { shard: 2 })).toEqual([
      ["run", "--shard", "2/3"],
      ["list", "suites"],
      ["compare", "a b", "c"],
    ]);
    expect(shellWords('--x="a b" c')).toEqual(["--x=a b", "c"]);
  });

  it.each([
    "run --sharb 1/3",
    "run --suite nightlee",
    "run --shard 4/3",
    "compare a",
    "mrege a --out b",
    "__cell a b",
  ])("refuses bench %s", async (line) => {
    await expect(accepted(shellWords(line))).rejects.toThrow();
  });
});
