/** The verdict on each reading: a test over all of them together, a threshold, and whether the test could have told. */
import { holm } from "../../core/holm.ts";
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

/** In the order of the questions. `tests`: metrics tested together, these among them. */
export function judge(
  questions: readonly Question[],
  options: JudgeOptions,
  tests = Math.max(1, questions.length),
): Judged[] {
  const tested = questions.map((question) => {
    const sample = sampleOf(question, options);
    return { question, sample, test: testOf(question.row, sample, options.alpha / tests) };
  });
  const others = Array<number>(Math.max(0, tests - questions.length)).fill(1);
  const adjusted = holm([...tested.map(({ test }) => test.p), ...others]);
  return tested.map(({ question, sample, test }, i) => {
    const noise = noiseOf(nightsOf(question, sample));
    const { row, head, history } = question;
    const situation: Situation = { row, sample, noise, headNights: head.length, history, tests };
    const threshold = thresholdOf(sample, noise, head.length, tests, options);
    const detection = detectionOf(situation, options);
    const facts = { sample, test, adjustedP: adjusted[i]!, threshold, detection };
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
