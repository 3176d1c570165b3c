/** Flags that compare and history share: what is judged, how strictly, and where the verdicts go. */
import { BenchError } from "../../core/errors.ts";
import type { CompareRequest } from "../compare/compare.ts";
import { type Flags, type FlagValues, oneOf, text } from "./arguments.ts";

const share = (least: number, most: number) => (value: string, flag: string) => {
  const number = Number(value);
  if (value.trim() === "" || !(number > least && number < most))
    throw new BenchError("USAGE", `--${flag} takes a number between ${least} and ${most}, not "${value}"`);
  return number;
};

const file = (describe: string) => ({ kind: "value", value: "FILE", describe, parse: text }) as const;

export const compareFlags = {
  metric: {
    kind: "list",
    value: "KEY",
    describe: "judge only readings of this key, in which * is any text; repeatable. Fewer ask for fewer runs",
    parse: text,
  },
  only: {
    kind: "value",
    value: "quality|timing",
    describe: "judge one kind alone",
    parse: oneOf(["quality", "timing"]),
  },
  alpha: {
    kind: "value",
    value: "P",
    describe: "chance of any false alarm, all readings together (0.05)",
    parse: share(0, 0.5),
  },
  power: {
    kind: "value",
    value: "P",
    describe: "chance of finding a change, below which nothing is called unchanged (0.95)",
    parse: share(0.5, 1),
  },
  floor: {
    kind: "value",
    value: "SHARE",
    describe: "changes of times and FID up to this share do not matter (0.05)",
    parse: share(0, 1),
  },
  detect: {
    kind: "value",
    value: "SHARE",
    describe: "and this share must be found (0.1)",
    parse: share(0, 10),
  },
  "noise-factor": {
    kind: "value",
    value: "K",
    describe: "nor do changes up to K deviations of the history's nights (3)",
    parse: share(0, 100),
  },
  "allow-mismatch": {
    kind: "switch",
    describe: "compare what was measured otherwise or elsewhere all the same, and mark the output",
  },
  strict: { kind: "switch", describe: "exit with 4 where anything is inconclusive" },
  junit: file("write JUnit XML there"),
  markdown: file("write Markdown there, at most 1 MiB; appended to $GITHUB_STEP_SUMMARY"),
  html: file("write a page there that loads nothing"),
  json: { kind: "switch", describe: "print one JSON object" },
} as const satisfies Flags;

export type CompareFlags = FlagValues<typeof compareFlags>;

/** @throws USAGE where the flags contradict each other. */
export function judgedBy(
  flags: CompareFlags,
): Pick<CompareRequest, "options" | "select" | "allowMismatch" | "strict"> {
  const options = {
    alpha: flags.alpha ?? 0.05,
    power: flags.power ?? 0.95,
    floor: flags.floor ?? 0.05,
    detect: flags.detect ?? 0.1,
    noiseFactor: flags["noise-factor"] ?? 3,
  };
  if (options.detect <= options.floor)
    throw new BenchError(
      "USAGE",
      `--detect ${options.detect} is not above --floor ${options.floor}: a change that does not matter cannot be one to find`,
    );
  return {
    options,
    select: { patterns: flags.metric, only: flags.only },
    allowMismatch: flags["allow-mismatch"],
    strict: flags.strict,
  };
}
