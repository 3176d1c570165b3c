import { resolve } from "node:path";
import { type Flags, text } from "../arguments.ts";
import { command } from "../command.ts";
import { compareFlags, judgedBy } from "../compare-flags.ts";

export const compareCommandFlags = {
  ...compareFlags,
  history: {
    kind: "value",
    value: "DIR",
    describe: "take the noise between runs from this history (`bench history`)",
    parse: text,
  },
} as const satisfies Flags;

export const compare = command({
  describe: "say reading by reading whether HEAD regressed against BASE",
  flags: compareCommandFlags,
  positionals: { usage: "BASE HEAD", describe: "two run folders of one suite", least: 2, most: 2 },
  notes:
    "Regressed means significant over all readings (Holm) and beyond max(floor, k x noise of the history); unchanged\n" +
    "means that a change of the size to detect would have been found. Exit codes: 3 regressed; 4 not comparable (or,\n" +
    "with --strict, inconclusive); 5 a metric vanished or a cell failed.",
  async run({ flags, positionals: [base, head] }, io) {
    const judged = judgedBy(flags);
    const { readRun } = await import("../../record/index.ts");
    const { compareRuns, snapshotOf } = await import("../../compare/index.ts");
    const { conclude } = await import("../compare-output.ts");
    const open = async (label: string) => {
      const records = await readRun(resolve(io.cwd, label));
      const notices = [...records.notices, ...(records.run.merged?.mismatches ?? [])].map(
        (text) => `${label}: ${text}`,
      );
      return { label, snapshot: snapshotOf(records), notices };
    };
    const sides = [await open(base!), await open(head!)] as const;
    const { readHistory } = await import("../../compare/history/files.ts");
    const history =
      flags.history === undefined ? undefined : await readHistory(resolve(io.cwd, flags.history));
    const comparison = compareRuns({
      base: sides[0],
      head: sides[1],
      ...judged,
      nights: history?.nights.map(({ snapshot }) => snapshot),
      notices: [...sides[0].notices, ...sides[1].notices, ...(history?.notices ?? [])],
    });
    return conclude(comparison, flags, io);
  },
});
