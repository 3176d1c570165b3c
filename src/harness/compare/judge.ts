/** The verdict on each reading: a test over all of them together, a threshold, and whether the test could have told. */
import { holm } from "../../core/statistics/index.ts";
import { type Detection, detectionOf, needsNights, type Situation } from "./detect.ts";
import type { JudgeOptions } from "./options.ts";
import { type Sample, type Sides, sampleOf } from "./sample.ts";
import type { SnapshotRow } from "./snapshot.ts";
import { type TestResult, testOf } from "./test.ts";
import { noiseOf, type Threshold, thresholdOf } from "./threshold.ts";

export type Judgement = "regressed" | "improved" | "unchanged" | "inconclusive";

export interface Judged {
  readonly verdict: Judgement;
  readonly sample: Sample;
  readonly test: TestResult;
  /** Of the test, adjusted for all that were judged together (Holm). */
  readonly adjustedP: number;
  readonly threshold: Threshold;
  readonly detection: Detection;
}

export interface Question extends Sides {
  /** Medians of nights that noise is taken from, in the metric's unit, where they are not those of `base`. */
  readonly nights?: readonly number[];
  /** Whether `base` is a history of nights. */
  readonly history: boolean;
}

/**
 * In the order of the questions. Readings whose every number is the same are no tests: they ask nothing of the others.
 * `others`: how many are tested together with these besides.
 */
export function judge(questions: readonly Question[], options: JudgeOptions, others = 0): Judged[] {
  const samples = questions.map((question) => sampleOf(question, options));
  const tests = Math.max(1, others + samples.filter(({ identical }) => !identical).length);
  const tested = samples.map((sample, i) => testOf(questions[i]!.row, sample, options.alpha / tests));
  const adjusted = holm([
    ...tested.flatMap(({ p }, i) => (samples[i]!.identical ? [] : [p])),
    ...Array<number>(others).fill(1),
  ]);
  let next = 0;
  return questions.map((question, i) => {
    const [sample, test] = [samples[i]!, tested[i]!];
    const noise = noiseOf(nightsOf(question, sample));
    const { row, base, head, history } = question;
    const situation: Situation = { row, sample, noise, headNights: head.length, history, tests };
    const threshold = thresholdOf(sample, noise, { base: base.length, head: head.length }, tests, options);
    const detection = detectionOf(situation, options);
    const adjustedP = sample.identical ? 1 : adjusted[next++]!;
    const facts = { sample, test, adjustedP, threshold, detection };
    return { verdict: verdictOf(situation, facts, options), ...facts };
  });
}

function nightsOf({ nights, history }: Question, { nights: own, rule }: Sample): readonly number[] {
  if (nights === undefined) return history ? own : [];
  return rule.scale === "ratio" ? nights.filter((value) => value > 0).map(Math.log) : nights;
}

function verdictOf(
  situation: Situation,
  { sample, test, adjustedP, threshold, detection }: Omit<Judged, "verdict">,
  options: JudgeOptions,
): Judgement {
  if (sample.identical) return "unchanged";
  if (needsNights(situation)) return "inconclusive";
  const { shift } = test.change;
  const beyond = Math.abs(shift) > threshold.value;
  if (beyond && adjustedP <= options.alpha)
    return isWorse(situation.row, shift, sample) ? "regressed" : "improved";
  return !beyond && detection.power >= options.power ? "unchanged" : "inconclusive";
}

/** A two-sided metric is worse further from its value for real images; where that is unknown, any change is. */
function isWorse(
  { direction, target }: SnapshotRow,
  shift: number,
  { baseCentre, headCentre }: Sample,
): boolean {
  if (direction === "lower") return shift > 0;
  if (direction === "higher") return shift < 0;
  return target === undefined || Math.abs(headCentre - target) > Math.abs(baseCentre - target);
}
