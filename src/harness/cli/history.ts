/** `bench history`: judges the latest night of a history, adds a night, accepts a new baseline. */
import { resolve } from "node:path";
import { badRunFolder, outputExists, usageError } from "../../core/errors.ts";
import { commitOf } from "../compare/history/commit.ts";
import type { Accept } from "../compare/history/entry.ts";
import { appendHistory, type NewEntry, readHistory } from "../compare/history/files.ts";
import { judgeLatest } from "../compare/history/night.ts";
import { snapshotOf } from "../compare/snapshot.ts";
import { readRun } from "../record/index.ts";
import { command, type Io } from "./command.ts";
import { compareFlags, conclude, judgedBy } from "./comparison.ts";
import { required, text, value, word } from "./flags.ts";
import { printJson, printLine } from "./output.ts";

const dir = word("folder of the history");
const { json } = compareFlags;

const add = command({
  flags: {
    commit: value("SHA", "commit that the run was made from; $GITHUB_SHA or git's HEAD by default", text),
    json,
  },
  positionals: { dir, run: word("run folder to append as the latest night") },
  async run({ dir, run, ...flags }, io) {
    const records = await readRun(resolve(io.cwd, run));
    const snapshot = snapshotOf(records, await commitOf(flags.commit, io.env, io.cwd));
    const { id } = snapshot.run;
    const { rows, commit } = snapshot;
    if (rows.length === 0)
      throw badRunFolder(
        `${run} has no reading to keep: none of its cells is finished. Continue it with bench run --resume.`,
      );
    const { history } = await appendHistory(resolve(io.cwd, dir), ({ nights }) => {
      const place = nights.findIndex((night) => night.snapshot.run.id === id);
      if (place >= 0) throw outputExists(`${run} (run ${id}) is in ${dir} already, as night ${place + 1}`);
      return { kind: "night", snapshot };
    });
    printNotes([...records.notices, ...history.notices], io);
    const night = history.nights.length + 1;
    if (flags.json) printJson(io, { night, id, commit, readings: rows.length });
    else printLine(io, `night ${night}: run ${id}, ${rows.length} readings, commit ${commit ?? "unknown"}`);
    return 0;
  },
});

const accept = command({
  flags: {
    reason: required(value("TEXT", "why the baseline moves", text)),
    night: value("RUN-ID", "run that becomes the baseline; the latest by default", text),
    json,
  },
  positionals: { dir },
  async run({ dir, reason, ...flags }, io) {
    const folder = resolve(io.cwd, dir);
    await readHistory(folder);
    const { history, entry } = await appendHistory(folder, ({ nights }): NewEntry => {
      const ids = nights.map(({ snapshot }) => snapshot.run.id);
      const night = flags.night ?? ids.at(-1);
      if (night === undefined)
        throw usageError(`${dir} has no night to accept; add one with bench history add`);
      if (!ids.includes(night))
        throw usageError(`${dir} has no night of run "${night}"; the latest is ${ids.at(-1)}`);
      return { kind: "accept", night, reason };
    });
    printNotes(history.notices, io);
    const { night: id } = entry as Accept;
    const baseline = history.nights.findIndex(({ snapshot }) => snapshot.run.id === id) + 1;
    if (flags.json) printJson(io, { baseline, id, reason });
    else printLine(io, `the baseline is night ${baseline} (run ${id}) from now on: ${reason}`);
    return 0;
  },
});

function printNotes(notes: readonly string[], io: Io): void {
  for (const note of notes) io.stderr.write(`note: ${note}\n`);
}

export default command({
  flags: compareFlags,
  positionals: { dir },
  commands: {
    "add <dir> <run>": ["append a run folder as the latest night", add],
    "accept <dir>": ["move the baseline to the latest night, or to another", accept],
  },
  notes:
    "A history is the file history.jsonl in DIR. Lines are appended, each bound to the one before, and never rewritten. " +
    "A night is judged against the nights since the baseline. A lasting level change is shown with the commits among " +
    "which its cause lies. Exit codes are those of compare.",
  async run(flags, io) {
    const nights = await readHistory(resolve(io.cwd, flags.dir));
    return conclude(judgeLatest(nights, { ...judgedBy(flags), notices: [] }), flags, io);
  },
});
