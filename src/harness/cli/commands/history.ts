import { resolve } from "node:path";
import { BenchError } from "../../../core/errors.ts";
import type { HistoryEntry } from "../../compare/index.ts";
import { type Flags, type FlagValues, text } from "../arguments.ts";
import { command } from "../command.ts";
import { compareFlags, judgedBy } from "../compare-flags.ts";
import { type Io, printJson, printLine } from "../io.ts";

export const historyFlags = {
  ...compareFlags,
  commit: {
    kind: "value",
    value: "SHA",
    describe: "of add: the commit that the run was made from; $GITHUB_SHA or git's HEAD by default",
    parse: text,
  },
  reason: { kind: "value", value: "TEXT", describe: "of accept: why the baseline moves", parse: text },
  night: {
    kind: "value",
    value: "RUN-ID",
    describe: "of accept: the run that becomes the baseline; the latest by default",
    parse: text,
  },
} as const satisfies Flags;

type Values = FlagValues<typeof historyFlags>;

/** Flags that only one action takes, and those that only judging takes. */
const ownFlags = { add: ["commit"], accept: ["reason", "night"] } as const;

export const history = command({
  describe: "judge the latest night of a history; add a night; accept a new baseline",
  flags: historyFlags,
  positionals: {
    usage: "[add|accept] DIR [RUN]",
    describe:
      "DIR judges its latest night; add DIR RUN appends a run folder; accept DIR --reason TEXT moves the baseline to the latest night",
    least: 1,
    most: 3,
  },
  notes:
    "A history is history.jsonl in DIR: lines are appended, each bound to the one before, and never rewritten. A night is\n" +
    "judged against the nights since the baseline, and lasting steps are told with the commits among which their cause\n" +
    "lies. Exit codes as of compare.",
  async run({ flags, positionals }, io) {
    const [first, ...rest] = positionals as [string, ...string[]];
    if (first === "add") return add(rest, flags, io);
    if (first === "accept") return accept(rest, flags, io);
    refuseFlags(flags, "the judging of a history", [...ownFlags.add, ...ownFlags.accept]);
    if (rest.length > 0)
      throw new BenchError(
        "USAGE",
        `history does not take "${rest[0]}" after ${first}; known actions: add, accept`,
      );
    const { judgeLatest } = await import("../../compare/index.ts");
    const { readHistory } = await import("../../compare/history/files.ts");
    const { conclude } = await import("../compare-output.ts");
    const found = await readHistory(resolve(io.cwd, first));
    return conclude(judgeLatest(found, { ...judgedBy(flags), notices: [] }), flags, io);
  },
});

async function add([dir, run, ...more]: readonly string[], flags: Values, io: Io): Promise<0> {
  if (dir === undefined || run === undefined || more.length > 0)
    throw new BenchError("USAGE", "usage: bench history add DIR RUN [--commit SHA]");
  refuseFlags(flags, "history add", [...ownFlags.accept, ...judging]);
  const { readRun } = await import("../../record/index.ts");
  const { snapshotOf } = await import("../../compare/index.ts");
  const { appendHistory } = await import("../../compare/history/files.ts");
  const { commitOf } = await import("../../compare/history/commit.ts");
  const records = await readRun(resolve(io.cwd, run));
  const snapshot = snapshotOf(records, await commitOf(flags.commit, io.env, io.cwd));
  if (snapshot.rows.length === 0)
    throw new BenchError("BAD_RUN_FOLDER", `${run} has no reading to keep: none of its cells is finished`);
  const { history } = await appendHistory(resolve(io.cwd, dir), ({ nights }) => {
    const place = nights.findIndex((night) => night.snapshot.run.id === snapshot.run.id);
    if (place >= 0)
      throw new BenchError(
        "OUTPUT_EXISTS",
        `${run} (run ${snapshot.run.id}) is in ${dir} already, as night ${place + 1}`,
      );
    return { kind: "night", snapshot };
  });
  const night = history.nights.length + 1;
  for (const notice of [...records.notices, ...history.notices]) io.stderr.write(`note: ${notice}\n`);
  const { id } = snapshot.run;
  if (flags.json) printJson(io, { night, id, commit: snapshot.commit, readings: snapshot.rows.length });
  else
    printLine(
      io,
      `night ${night}: run ${id}, ${snapshot.rows.length} readings, commit ${snapshot.commit ?? "unknown"}`,
    );
  return 0;
}

async function accept([dir, ...more]: readonly string[], flags: Values, io: Io): Promise<0> {
  const { reason } = flags;
  if (dir === undefined || more.length > 0 || reason === undefined)
    throw new BenchError("USAGE", "usage: bench history accept DIR --reason TEXT [--night RUN-ID]");
  refuseFlags(flags, "history accept", [...ownFlags.add, ...judging]);
  const { appendHistory, readHistory } = await import("../../compare/history/files.ts");
  const folder = resolve(io.cwd, dir);
  await readHistory(folder);
  const { history, entry } = await appendHistory(
    folder,
    ({ nights }): Omit<Accept, "schemaVersion" | "previous" | "at"> => {
      const ids = nights.map(({ snapshot }) => snapshot.run.id);
      const night = flags.night ?? ids.at(-1);
      if (night === undefined || !ids.includes(night))
        throw new BenchError(
          "USAGE",
          night === undefined
            ? `${dir} has no night to accept`
            : `${dir} has no night of run "${night}"; the latest is ${ids.at(-1)}`,
        );
      return { kind: "accept", night, reason };
    },
  );
  for (const notice of history.notices) io.stderr.write(`note: ${notice}\n`);
  const { night } = entry as Accept;
  const place = history.nights.findIndex(({ snapshot }) => snapshot.run.id === night) + 1;
  if (flags.json) printJson(io, { baseline: place, id: night, reason });
  else printLine(io, `the baseline is night ${place} (run ${night}) from now on: ${reason}`);
  return 0;
}

type Accept = Extract<HistoryEntry, { kind: "accept" }>;

const judging = Object.keys(compareFlags).filter((name) => name !== "json") as (keyof Values)[];

function refuseFlags(flags: Values, what: string, names: readonly (keyof Values)[]): void {
  for (const name of names) {
    const value = flags[name];
    if (value === undefined || value === false || (Array.isArray(value) && value.length === 0)) continue;
    throw new BenchError("USAGE", `--${name} has no meaning for ${what}; see \`bench history --help\``);
  }
}
