/** A distilled diffusion model needs few steps. */
import { formatNumber, plural } from "../../../core/format.ts";
import type { DistillRecord } from "../../record/index.ts";
import { metricWord, type View } from "../../tables/index.ts";
import { asRatio, type Claim, intervalText, type PairFinding, rangeText } from "../readout/claim.ts";
import {
  atLeast,
  type Bounded,
  difference,
  highest,
  isCensored,
  lowest,
  pairedInterval,
  rangeInterval,
  type SeedReading,
} from "../readout/intervals.ts";

/** What "few" means here: the most network evaluations per image. */
export const FEW = 4;

/** Fewest network evaluations per image that meet the floor, by training seed. */
export type StepsNeeded = readonly { readonly seed: number; readonly needed: SeedReading }[];

export const distillClaim: Claim<StepsNeeded> = {
  text: "A distilled diffusion model needs few steps",
  rule: `fewest network evaluations per image with which a student meets the floor that its own teacher's training of the same seed sets (not one floor for all seeds, as a deployment has it: a student can only learn what that teacher knows), and the same of that teacher; two readings by training seed, 6 seeds at least. The student's own: from the least to the largest over seeds. Teacher over student: Wilcoxon's exact signed-rank interval of the logarithm (ties count against either outcome). It holds where the student's interval lies at or below ${FEW} and the ratio's above 1, it does not where the student's lies above ${FEW} or the ratio's at or below 1. A model that meets the floor at no measured count needs more than the largest of them: that bound counts in the lower end, and there is no upper end then. Students all must agree.`,
  notMeasured: "a student beside its teacher, which needs stages.distill",
  pairs: {
    named: "a teacher and its student",
    of: ({ run: { models } }) =>
      models.flatMap((student) => {
        const teacher = models.find(({ id }) => id === student.teacher);
        return teacher ? [[teacher, student] as const] : [];
      }),
  },
  read(view, model) {
    const needed = view
      .records("distill")
      .flatMap((record) => neededBy(record, model).map((one) => ({ seed: record.seed, needed: one })));
    return needed.length > 0 ? needed : undefined;
  },
  find: (teacher, student, view) => distillFinding(teacher, student, floorText(view)),
};

/** At most one: the fewest evaluations of a model's settings that meet the floor, or more than any measured. */
export function neededBy({ arms }: Pick<DistillRecord, "arms">, model: string): SeedReading[] {
  const own = arms.filter((arm) => arm.model === model);
  if (own.length === 0) return [];
  const counts = (of: typeof own) => of.map(({ networkEvaluations }) => networkEvaluations);
  const meeting = own.filter(({ meets }) => meets);
  return [meeting.length > 0 ? Math.min(...counts(meeting)) : atLeast(Math.max(...counts(own)) + 1)];
}

/** The floors of the seeds, and how they were set. */
function floorText(view: View): string {
  const floors = view.records("distill").map(({ floor }) => floor);
  const { metric, rule } = floors[0]!;
  const values = rangeText(
    floors.map(({ value }) => value),
    formatNumber,
  );
  const own = floors.length > 1 && rule !== "set by the suite" ? ", each seed its own" : "";
  return `${metricWord(view, metric)} ${values} (${rule}${own})`;
}

/** `floor` says in words what has to be met. */
export function distillFinding(teacher: StepsNeeded, student: StepsNeeded, floor: string): PairFinding {
  const own = student.map(({ needed }) => needed);
  const ratios: Bounded[] = student.flatMap(({ seed, needed }) => {
    const other = teacher.find((one) => one.seed === seed)?.needed;
    return other === undefined ? [] : [difference(logOf(other), logOf(needed))];
  });
  const range = rangeInterval(own);
  const ratio = pairedInterval(ratios);
  const facts =
    `To meet ${floor} the student needs ${needText(own)}, its teacher ${needText(teacher.map(({ needed }) => needed))}, ` +
    `in ${plural(own.length, "seed")}`;
  if (!range.defined || !ratio.defined) {
    const why = !range.defined ? range.why : !ratio.defined ? ratio.why : "";
    return { outcome: "inconclusive", text: `${facts}; ${why}.` };
  }
  const text = `${facts}; student ${intervalText(range)}, teacher over student ${intervalText(asRatio(ratio))}.`;
  if (range.high <= FEW && ratio.low > 0) return { outcome: "holds", text };
  return { outcome: range.low > FEW || ratio.high <= 0 ? "does not hold here" : "inconclusive", text };
}

const logOf = (needed: SeedReading): Bounded => ({
  low: Math.log(lowest(needed)),
  high: Math.log(highest(needed)),
});

/** `2 to 4 evaluations`, and how many seeds no measured count was enough for. */
function needText(needed: readonly SeedReading[]): string {
  const known = needed.filter((one) => !isCensored(one)).map(lowest);
  const missed = needed.filter(isCensored).map((one) => lowest(one) - 1);
  const most = rangeText(missed.length > 0 ? missed : [0], String);
  if (known.length === 0) return `more than the ${most} evaluations measured`;
  const some =
    missed.length > 0 ? ` and more than ${most} in ${missed.length} of ${needed.length} seeds` : "";
  return `${rangeText(known, String)} ${known.every((one) => one === 1) ? "evaluation" : "evaluations"}${some}`;
}
