import { resolve } from "node:path";
import { BenchError } from "../../../core/errors.ts";
import { knownWords } from "../../../core/suggest.ts";
import type { Parts } from "../../run/parts.ts";
import type { RunRequest } from "../../run/prepare.ts";
import type { CellLimits } from "../../run/run.ts";
import {
  duration,
  type Flags,
  type FlagValues,
  part,
  positiveNumber,
  text,
  wholeNumber,
} from "../arguments.ts";
import { command } from "../command.ts";
import { engineFlags, engineRequest } from "../engine-flags.ts";
import { shellQuote } from "../format.ts";
import type { Io } from "../io.ts";

/** `30m` for every stage, `train=6h` for one. */
export function timeLimit(value: string, flag: string): { stage: string | undefined; seconds: number } {
  const equals = value.indexOf("=");
  const seconds = duration(value.slice(equals + 1), flag);
  if (seconds <= 0) throw new BenchError("USAGE", `--${flag} ${value}: no cell ends in no time`);
  return { stage: equals < 0 ? undefined : value.slice(0, equals), seconds };
}

export const runFlags = {
  suite: {
    kind: "value",
    value: "NAME|FILE",
    bare: "quick",
    describe: "what is run: quick, … or a YAML file",
    parse: text,
  },
  dataset: {
    kind: "value",
    value: "NAME",
    describe: "shapes, idx:DIR, mnist, … (`bench list datasets`)",
    parse: text,
  },
  size: {
    kind: "value",
    value: "PX",
    describe: "edge of the images, a multiple of 4",
    parse: positiveNumber,
  },
  seeds: {
    kind: "value",
    value: "N",
    describe: "how many seeds each model is trained with",
    parse: positiveNumber,
  },
  seed: { kind: "value", value: "S", describe: "the first of them", parse: wholeNumber },
  set: {
    kind: "list",
    value: "KEY=VALUE",
    describe: "replace an option of the suite, e.g. models.ddpm.images=5000; null removes it; repeatable",
    parse: text,
  },
  out: { kind: "value", value: "DIR", describe: "run folder; reports/SUITE-TIME by default", parse: text },
  resume: { kind: "switch", describe: "continue the run in --out" },
  force: { kind: "switch", describe: "replace the run in --out" },
  shard: {
    kind: "value",
    value: "I/N",
    describe: "run the I-th of N parts of the plan, to be joined by `bench merge`",
    parse: part,
  },
  ...engineFlags,
  queue: {
    kind: "value",
    value: "URL",
    describe: "let `bench worker` processes run the cells, e.g. redis://127.0.0.1:6379; --out is shared",
    parse: text,
  },
  "time-limit": {
    kind: "list",
    value: "[STAGE=]TIME",
    describe: "end a cell that takes longer, e.g. 30m or train=6h; 24h by default; repeatable",
    parse: timeLimit,
  },
  "save-every": {
    kind: "value",
    value: "TIME",
    describe: "how often a training saves its position; 60s by default",
    parse: duration,
  },
  "dry-run": { kind: "switch", describe: "print the plan and its size, and run nothing" },
  json: { kind: "switch", describe: "print the result as one JSON object" },
  quiet: { kind: "switch", describe: "no progress on stderr" },
} as const satisfies Flags;

export type RunFlags = FlagValues<typeof runFlags>;

export const run = command({
  describe: "train, measure and report (the default)",
  flags: runFlags,
  notes: "Ctrl-C keeps what is finished; --resume with the same --out continues.",
  async run({ flags }, io, parts) {
    if (flags.resume && flags.force) throw new BenchError("USAGE", "--resume and --force exclude each other");
    if (flags.resume && flags.out === undefined)
      throw new BenchError("USAGE", "--resume needs --out DIR, the run to continue");
    const { overridesOf } = await import("../overrides.ts");
    const overrides = overridesOf(flags);
    if (flags["dry-run"]) {
      const { printPlan } = await import("../dry-run.ts");
      const { progressView, silent } = await import("../progress.ts");
      const view = flags.quiet ? silent : progressView(io);
      try {
        const request = { suite: flags.suite, overrides, shard: flags.shard, entry: io.entry, cwd: io.cwd };
        return await printPlan(request, flags.json, io, parts, view);
      } finally {
        view.close();
      }
    }
    const { runSuite } = await import("../run-suite.ts");
    const limits = await limitsOf(flags, parts);
    return runSuite(requestOf(flags, overrides, io), { ...flags, limits }, io, parts);
  },
});

const DAY = 24 * 3600;

/** @throws USAGE for a stage that is none. */
export async function limitsOf(
  flags: Pick<RunFlags, "time-limit" | "save-every">,
  parts: Parts,
): Promise<CellLimits> {
  const kinds = (await parts.stages()).map(({ kind }) => kind as string);
  const seconds: Record<string, number> = {};
  let otherwise = DAY;
  for (const { stage, seconds: limit } of flags["time-limit"]) {
    if (stage === undefined) otherwise = limit;
    else if (kinds.includes(stage)) seconds[stage] = limit;
    else
      throw new BenchError("USAGE", `--time-limit: there is no stage "${stage}"${knownWords(stage, kinds)}`);
  }
  return { seconds, otherwise, saveEverySeconds: flags["save-every"] };
}

function requestOf(
  flags: RunFlags,
  overrides: RunRequest["overrides"],
  io: Io,
): Omit<RunRequest, "folder"> & { folder: string | undefined } {
  const { device, engine, threads } = flags;
  return {
    suite: flags.suite,
    overrides,
    engine: engineRequest(flags),
    engineNamed:
      [device, engine, threads].some((given) => given !== undefined) || flags["allow-software-gpu"],
    folder: flags.out === undefined ? undefined : resolve(io.cwd, flags.out),
    mode: flags.resume ? "resume" : flags.force ? "force" : "new",
    shard: flags.shard,
    command: commandLine(flags),
    entry: io.entry,
    cwd: io.cwd,
  };
}

/** What decides the numbers, as a command line: not where they go, how they are shown, nor which part is run here. */
export function commandLine(flags: RunFlags): string {
  const words = ["bench", "run", "--suite", flags.suite ?? "quick"];
  for (const name of [
    "dataset",
    "size",
    "seeds",
    "seed",
    "device",
    "engine",
    "threads",
    "precision",
  ] as const) {
    const value = flags[name];
    if (value !== undefined) words.push(`--${name}`, String(value));
  }
  if (flags["allow-software-gpu"]) words.push("--allow-software-gpu");
  for (const change of flags.set) words.push("--set", change);
  return words.map(shellQuote).join(" ");
}
