import { describe, expect, it } from "vitest";
import { parseArguments } from "../../../src/harness/cli/arguments.ts";
import { type CommandTable, command } from "../../../src/harness/cli/command.ts";
import { positiveNumber, value, words } from "../../../src/harness/cli/flags.ts";
import run, { commandLine, type RunFlags } from "../../../src/harness/cli/run.ts";
import { overridesOf } from "../../../src/harness/cli/suite-flags.ts";

/** What a command is given for a line; the text where a text was asked for instead. */
async function given<T>(table: CommandTable, line: readonly string[]): Promise<T> {
  const parsed = await parseArguments(line, table);
  return ("given" in parsed ? parsed.given : parsed.text) as T;
}

const parse = (...words: string[]) =>
  given<RunFlags>({ run: ["", async () => ({ default: run })] }, ["run", ...words]);

describe("flags", () => {
  it("are read into their types", async () => {
    const flags = await parse(
      "--suite",
      "quick",
      "--seed",
      "-5",
      "--seeds=3",
      "--json",
      "--set",
      "a=1",
      "--set=b=x y",
    );
    expect(flags).toMatchObject({
      suite: "quick",
      seed: -5,
      seeds: 3,
      json: true,
      quiet: false,
      set: ["a=1", "b=x y"],
    });
    expect(flags.out).toBeUndefined();
  });

  it("a bare --suite means quick", async () => {
    expect((await parse("--suite")).suite).toBe("quick");
    expect(await parse("--suite", "--json")).toMatchObject({ suite: "quick", json: true });
  });

  it("of one letter may be written with one dash", async () => {
    const n = command({ flags: { n: value("N", "", positiveNumber) }, run: async () => 0 });
    const table: CommandTable = { draw: ["", async () => ({ default: n })] };
    for (const line of [["-n", "3"], ["--n", "3"], ["--n=3"]])
      expect(await given(table, ["draw", ...line])).toMatchObject({ n: 3 });
  });

  it.each([
    [["--seed", "abc"], '--seed takes a whole number, not "abc"'],
    [["--seed", "1.5"], '--seed takes a whole number, not "1.5"'],
    [["--seed", "1e3"], '--seed takes a whole number, not "1e3"'],
    [["--seed", "9007199254740993"], "--seed takes a whole number"],
    [["--seed"], "--seed needs a value: S"],
    [["--seed="], "--seed needs a value"],
    [["--seed", "1", "--seed", "2"], "--seed was given 2 times: 1, 2; give it once"],
    [["--suite", "a", "--suite", "b"], "--suite was given 2 times"],
    [["--seeds", "0"], "--seeds takes a whole number of at least 1"],
    [["--out", ""], "--out needs a value"],
    [["--set"], "--set needs a value"],
    [["--set", "--json"], "--set needs a value"],
    [["--device", "gup"], '--device cannot be "gup"; known: auto, cpu, gpu. Did you mean gpu?'],
    [
      ["--precision", "float61"],
      '--precision cannot be "float61"; known: float32, float16. Did you mean float16?',
    ],
    [["--engine", "torch"], '--engine cannot be "torch"; known: auto, onnx, tensorflow, reference'],
    [["--sed", "1"], "unknown flag --sed of run; did you mean --seed?"],
    [["--dryRun"], "unknown flag --dryRun of run; did you mean --dry-run?"],
    [["--seed.x", "1"], "unknown flag --seed.x of run"],
    [["--no-json"], "unknown flag --no-json of run"],
    [["--__proto__", "1"], "unknown flag"],
    [["--constructor", "1"], "unknown flag --constructor of run; see `bench run --help`"],
    [["-x"], "unknown flag -x of run"],
    [["-seed", "1"], "unknown flag -seed of run; did you mean --seed?"],
    [["--json=abc"], '--json takes no value, but was given "abc"'],
    [["--json=true"], '--json takes no value, but was given "true"'],
    [["--json", "true"], '--json takes no value, but was given "true"'],
    [["quick"], 'run does not take "quick"; see `bench run --help`'],
    [["--", "quick"], 'run takes no "--"; write a name that begins with a dash as ./-NAME'],
    [["--shard", "4/3"], '--shard takes i/n with i from 1 to n, e.g. 1/3, not "4/3"'],
    [["--save-every", "1d"], '--save-every takes a time such as 45, 45s, 30m or 2h, not "1d"'],
    [["--time-limit", "train=0"], '--time-limit takes a time above 0, not "train=0"'],
  ])("%j is refused: %s", async (words, message) => {
    await expect(parse(...words)).rejects.toMatchObject({
      code: "USAGE",
      message: expect.stringContaining(message),
    });
  });
});

describe("words after a command", () => {
  const report = command({ flags: {}, positionals: { run: words("") }, run: async () => 0 });
  const inner = command({ flags: {}, run: async () => 0 });
  const history = command({ flags: {}, commands: { add: ["", inner] }, run: async () => 0 });
  const table: CommandTable = {
    "report <run..>": ["rebuild", async () => ({ default: report })],
    "history [dir]": ["judge", async () => ({ default: history })],
  };

  it("keep their order and their text", async () => {
    expect(await given(table, ["report", "007", "1e3"])).toMatchObject({ run: ["007", "1e3"] });
  });

  it("are counted, but not where help is asked for", async () => {
    await expect(given(table, ["report"])).rejects.toThrow("see `bench report --help`");
    await expect(given(table, ["history", "add", "x"])).rejects.toThrow('history add does not take "x"');
    expect(await given(table, ["report", "--help"])).toContain("bench report <run..>");
  });

  it("are no flags: one by the name of a word is unknown", async () => {
    await expect(given(table, ["report", "--run", "x"])).rejects.toThrow("unknown flag --run of report");
  });
});

describe("completion", () => {
  const table: CommandTable = {
    run: ["train", async () => ({ default: run })],
    doctor: ["try", async () => ({ default: run })],
  };
  const proposed = async (...line: string[]) =>
    (await given<string>(table, ["--get-yargs-completions", "bench", ...line])).split("\n");

  it("proposes commands, flags and the values of a flag", async () => {
    expect(await proposed("")).toEqual(
      expect.arrayContaining(["run", "doctor"].map((name) => expect.stringMatching(new RegExp(`^${name}`)))),
    );
    expect(await proposed("run", "--s")).toEqual(expect.arrayContaining([expect.stringMatching(/^--seed/)]));
    expect(await proposed("run", "--device", "")).toEqual(expect.arrayContaining(["auto", "cpu", "gpu"]));
  });

  it("is set up by a script, which takes no words", async () => {
    expect(await given<string>(table, ["completion"])).toContain("complete -o bashdefault");
    await expect(given(table, ["completion", "x"])).rejects.toThrow(/^completion does not take "x/);
  });
});

describe("flags that stand for options of the suite", () => {
  it("become overrides, of which --set has the last word", async () => {
    const flags = await parse("--set", "seed=9", "--seed", "0", "--size", "32", "--dataset", "idx:a b");
    expect(overridesOf(flags)).toEqual([
      { path: ["dataset", "source"], value: "idx:a b" },
      { path: ["dataset", "size"], value: 32 },
      { path: ["seed"], value: 0 },
      { path: ["seed"], value: 9 },
    ]);
  });

  it("make up the command line that repeats a run, and where it goes does not", async () => {
    const words = [
      "--seed",
      "0",
      "--dataset",
      "idx:a b",
      "--threads",
      "2",
      "--precision",
      "float16",
      "--set",
      "models.ddpm.options={ base: 8 }",
    ];
    const flags = await parse(...words, "--out", "x", "--force", "--json", "--quiet");
    const line =
      "bench run --suite quick --dataset 'idx:a b' --seed 0 --threads 2 --precision float16 --set 'models.ddpm.options={ base: 8 }'";
    expect(commandLine(flags)).toBe(line);
    const again = await parse("--suite", "quick", ...words);
    expect(commandLine(again)).toBe(line);
  });
});
