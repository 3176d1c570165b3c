import { describe, expect, it } from "vitest";
import { parseArguments } from "../../../src/harness/cli/arguments.ts";
import { commandLine, type RunFlags, run, runFlags } from "../../../src/harness/cli/commands/run.ts";
import { overridesOf } from "../../../src/harness/cli/overrides.ts";

const parse = async (...words: string[]) => parseArguments("run", words, runFlags, run.positionals);

describe("flags", () => {
  it("are read into their types", async () => {
    const { flags } = await parse(
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
    expect((await parse("--suite")).flags.suite).toBe("quick");
    expect((await parse("--suite", "--json")).flags).toMatchObject({ suite: "quick", json: true });
  });

  it.each([
    [["--seed", "abc"], '--seed takes a whole number, not "abc"'],
    [["--seed", "1.5"], '--seed takes a whole number, not "1.5"'],
    [["--seed", "1e3"], '--seed takes a whole number, not "1e3"'],
    [["--seed", "9007199254740993"], "--seed takes a whole number"],
    [["--seed"], "--seed needs a value: --seed S"],
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
    [["quick"], 'run does not take "quick"'],
    [["--", "quick"], 'run does not take "quick"'],
  ])("%j is refused: %s", async (words, message) => {
    await expect(parse(...words)).rejects.toMatchObject({
      code: "USAGE",
      message: expect.stringContaining(message),
    });
  });
});

describe("positionals", () => {
  const places = { usage: "RUN [MORE]", describe: "", least: 1, most: 2 };
  const given = async (...words: string[]) => parseArguments("report", words, {}, places);

  it("keep their order and their text", async () => {
    expect((await given("007", "1e3")).positionals).toEqual(["007", "1e3"]);
  });

  it("are counted, but not where help is asked for", async () => {
    await expect(given()).rejects.toThrow("report needs RUN [MORE]; see `bench report --help`");
    await expect(given("a", "b", "c")).rejects.toThrow(
      'report does not take "c"; usage: bench report RUN [MORE]',
    );
    expect((await given("--help")).flags.help).toBe(true);
  });
});

describe("flags that stand for options of the suite", () => {
  it("become overrides, of which --set has the last word", async () => {
    const { flags } = await parse("--set", "seed=9", "--seed", "0", "--size", "32", "--dataset", "idx:a b");
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
    const { flags } = await parse(...words, "--out", "x", "--force", "--json", "--quiet");
    const line =
      "bench run --suite quick --dataset 'idx:a b' --seed 0 --threads 2 --precision float16 --set 'models.ddpm.options={ base: 8 }'";
    expect(commandLine(flags)).toBe(line);
    const again: RunFlags = (await parse("--suite", "quick", ...words)).flags;
    expect(commandLine(again)).toBe(line);
  });
});
