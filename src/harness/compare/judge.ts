/** The verdict on each reading, from a test over all of them together, a threshold, and the power of the test. */
import { holm } from "../../core/statistics/index.ts";
import { type Detection, detectionOf, needsNights, type Situation } from "./detect.ts";
import type { JudgeOptions } from "./options.ts";
import type { SnapshotRow } from "./snapshot.ts";
import { type TestResult, testOf } from "./test.ts";
import { noiseOf, type Threshold, thresholdOf } from "./threshold.ts";
import { type Sides, type Values, valuesOf } from "./values.ts";

export type Judgement = "regressed" | "improved" | "unchanged" | "inconclusive";

export interface Judged {
  readonly verdict: Judgement;
  readonly values: Values;
  readonly test: TestResult;
  /** The p of the test, adjusted for all readings that were tested together (Holm). */
  readonly adjustedP: number;
  readonly threshold: Threshold;
  readonly detection: Detection;
}

export interface Question extends Sides {
  /** Medians of the nights that the noise comes from, in the metric's unit; those of `base` where undefined. */
  readonly nights?: readonly number[];
  /** Whether `base` is a history of nights. */
  readonly history: boolean;
}

/**
 * The verdicts, in the order of the questions. A reading whose every number is the same is not tested, so that the others
 * need no correction for it. `others` is the number of further readings that are tested together with these.
 */
export function judge(questions: readonly Question[], options: JudgeOptions, others = 0): Judged[] {
  const allValues = questions.map((question) => valuesOf(question, options));
  const tests = Math.max(1, others + allValues.filter(({ identical }) => !identical).length);
  const tested = allValues.map((values, i) => testOf(questions[i]!.row, values, options.alpha / tests));
  const adjusted = holm([
    ...tested.flatMap(({ p }, i) => (allValues[i]!.identical ? [] : [p])),
    ...Array<number>(others).fill(1),
  ]);
  let next = 0;
  return questions.map((question, i) => {
    const [values, test] = [allValues[i]!, tested[i]!];
    const noise = noiseOf(nightsOf(question, values));
    const { row, base, head, history } = question;
    const situation: Situation = { row, values, noise, headNights: head.length, history, tests };
    const threshold = thresholdOf(values, noise, { base: base.length, head: head.length }, tests, options);
    const detection = detectionOf(situation, options);
    const adjustedP = values.identical ? 1 : adjusted[next++]!;
    const facts = { values, test, adjustedP, threshold, detection };
    return { verdict: verdictOf(situation, facts, options), ...facts };
  });
}

function nightsOf({ nights, history }: Question, { nights: own, rule }: Values): readonly number[] {
  if (nights === undefined) return history ? own : [];
  return rule.scale === "ratio" ? nights.filter((value) => value > 0).map(Math.log) : nights;
}

function verdictOf(
  situation: Situation,
  { values, test, adjustedP, threshold, detection }: Omit<Judged, "verdict">,
  options: JudgeOptions,
): Judgement {
  if (values.identical) return "unchanged";
  if (needsNights(situation)) return "inconclusive";
  const { shift } = test.change;
  const beyond = Math.abs(shift) > threshold.value;
  if (beyond && adjustedP <= options.alpha)
    return isWorse(situation.row, shift, values) ? "regressed" : "improved";
  return !beyond && detection.power >= options.power ? "unchanged" : "inconclusive";
}

/** A two-sided metric is worse further from its value for real images; where that is unknown, any change is. */
function isWorse(
  { direction, target }: SnapshotRow,
  shift: number,
  { baseCentre, headCentre }: Values,
): boolean {
  if (direction === "lower") return shift > 0;
  if (direction === "higher") return shift < 0;
  return target === undefined || Math.abs(headCentre - target) > Math.abs(baseCentre - target);
}
