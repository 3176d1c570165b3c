/** `bench compare`: whether one run regressed against another, reading by reading. */
import { resolve } from "node:path";
import { compareRuns } from "../compare/compare.ts";
import { readHistory } from "../compare/history/files.ts";
import { snapshotOf } from "../compare/snapshot.ts";
import { readRun } from "../record/index.ts";
import { command } from "./command.ts";
import { compareFlags, conclude, judgedBy } from "./comparison.ts";
import { text, value, word } from "./flags.ts";

export default command({
  flags: {
    ...compareFlags,
    history: value("DIR", "take the noise between runs from this history (`bench history`)", text),
  },
  positionals: {
    base: word("run folder to compare with"),
    head: word("run folder of the same suite that is judged"),
  },
  notes:
    "Regressed: worse, significantly over all readings (Holm), by more than max(floor, k x noise of the history). " +
    "Unchanged: a change of the size to detect would have been found. Exit codes: 3 regressed; 4 not comparable (or, " +
    "with --strict, inconclusive); 5 a metric vanished or a cell failed.",
  async run(flags, io) {
    const judged = judgedBy(flags);
    const open = async (label: string) => {
      const records = await readRun(resolve(io.cwd, label));
      const notices = [...records.notices, ...(records.run.merged?.mismatches ?? [])];
      return {
        label,
        snapshot: snapshotOf(records),
        notices: notices.map((notice) => `${label}: ${notice}`),
      };
    };
    const [base, head] = [await open(flags.base), await open(flags.head)];
    const history =
      flags.history === undefined ? undefined : await readHistory(resolve(io.cwd, flags.history));
    const comparison = compareRuns({
      base,
      head,
      ...judged,
      nights: history?.nights.map(({ snapshot }) => snapshot),
      notices: [...base.notices, ...head.notices, ...(history?.notices ?? [])],
    });
    return conclude(comparison, flags, io);
  },
});
