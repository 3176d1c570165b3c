/**
 * A claim about the two sides of the question, and what a run says to it. Where several GANs or diffusion models ran,
 * every pair of them is judged and all must agree: no pair is picked after the fact. Students of a distillation stand
 * for themselves, not for diffusion; a claim about them names its own pairs.
 */
import { formatList, formatNumber, formatPercent } from "../../../core/format.ts";
import type { ModelFacts, Side } from "../../record/index.ts";
import type { View } from "../../tables/index.ts";
import type { Interval } from "./intervals.ts";

export interface Verdict {
  readonly outcome: "holds" | "does not hold here" | "inconclusive" | "not measured";
  /** In a sentence or two, computed from the numbers: what was found, with its interval. */
  readonly text: string;
  /** Where several pairs of models were judged, what each says. */
  readonly pairs: readonly string[];
  /** How the outcome follows from the numbers. */
  readonly rule: string;
}

/** What one pair of models says. */
export interface PairFinding {
  readonly outcome: Exclude<Verdict["outcome"], "not measured">;
  readonly text: string;
}

export interface Claim<Readings> {
  /** The sentence heard everywhere. */
  readonly text: string;
  /** How the outcome follows from the numbers, after "By". */
  readonly rule: string;
  /** What a run without it lacks. */
  readonly notMeasured: string;
  /** What one model says; undefined where it was not measured. */
  read(view: View, model: string): Readings | undefined;
  /** What a pair says; undefined where the two are not alike enough to be compared, and the pair is left out. */
  find(gan: Readings, diffusion: Readings, view: View): PairFinding | undefined;
  /** The pairs, where they are not every GAN with every diffusion model that has no teacher. */
  readonly pairs?: Pairs;
}

/** Which models are judged together. */
export interface Pairs {
  /** What a pair consists of, after "pairs of": `a GAN and a diffusion model`. */
  readonly named: string;
  of(view: View): readonly (readonly [ModelFacts, ModelFacts])[];
}

const acrossSides: Pairs = {
  named: "a GAN and a diffusion model",
  of({ run: { models } }) {
    const of = (side: Side) => models.filter((model) => model.side === side && model.teacher === undefined);
    return of("gan").flatMap((gan) => of("diffusion").map((diffusion) => [gan, diffusion] as const));
  },
};

/** What the run says to the claim. */
export function judged<Readings>(view: View, claim: Claim<Readings>): Verdict {
  const { rule, notMeasured, pairs: judgedPairs = acrossSides } = claim;
  const read = (model: ModelFacts) => claim.read(view, model.id);
  const pairs = judgedPairs.of(view).flatMap(([one, other]) => {
    const [a, b] = [read(one), read(other)];
    const finding = a !== undefined && b !== undefined ? claim.find(a, b, view) : undefined;
    return finding ? [{ names: `${one.title} and ${other.title}`, finding }] : [];
  });
  const [first] = pairs;
  if (!first) return { outcome: "not measured", text: `Not measured: ${notMeasured}.`, pairs: [], rule };
  if (pairs.length === 1) return { ...first.finding, pairs: [], rule };
  const agree = pairs.every(({ finding }) => finding.outcome === first.finding.outcome);
  return {
    outcome: agree ? first.finding.outcome : "inconclusive",
    text: summary(
      pairs.map(({ finding }) => finding.outcome),
      judgedPairs.named,
    ),
    pairs: pairs.map(
      ({ names, finding }) => `${names}${agree ? "" : `, ${finding.outcome}`}: ${finding.text}`,
    ),
    rule,
  };
}

/** Several pairs in a sentence. */
function summary(outcomes: readonly PairFinding["outcome"][], named: string): string {
  const pairs = `${outcomes.length} pairs of ${named}`;
  const count = (wanted: PairFinding["outcome"]) => outcomes.filter((outcome) => outcome === wanted).length;
  const [holds, not, open] = [count("holds"), count("does not hold here"), count("inconclusive")];
  if (holds === outcomes.length) return `It holds for all ${pairs}.`;
  if (not === outcomes.length) return `It does not hold for any of ${pairs}.`;
  if (open === outcomes.length) return `None of ${pairs} decides it.`;
  const parts = [
    holds > 0 ? `it holds for ${holds}` : "",
    not > 0 ? `it does not for ${not}` : "",
    open > 0 ? `${open} ${open === 1 ? "is" : "are"} inconclusive` : "",
  ];
  return `It depends on the models: of ${pairs} ${formatList(parts.filter((part) => part !== ""))}.`;
}

/** `low to high` of values, or one of them where they read the same. */
export function rangeText(values: readonly number[], format: (value: number) => string): string {
  const [low, high] = [format(Math.min(...values)), format(Math.max(...values))];
  return low === high ? low : `${low} to ${high}`;
}

/** `0.12 to 0.3, 97% confidence`; an end without a bound is left out: `at least 0.12, 97% confidence`. */
export function intervalText({ low, high, confidence, tied }: Interval): string {
  const level = `${tied ? "at least " : ""}${formatPercent(Number(confidence.toPrecision(3)))} confidence`;
  const [below, above] = [low, high].map((bound) =>
    Number.isFinite(bound) ? formatNumber(bound) : undefined,
  );
  if (below === undefined && above === undefined) return "without a bound";
  if (below === undefined) return `at most ${above}, ${level}`;
  return above === undefined ? `at least ${below}, ${level}` : `${below} to ${above}, ${level}`;
}

/** An interval of logarithms as one of ratios; without a bound below it begins at 0. */
export const asRatio = <T extends Pick<Interval, "low" | "high">>(interval: T): T => ({
  ...interval,
  low: Math.exp(interval.low),
  high: Math.exp(interval.high),
});

/** The outcome where an interval decides: `holds` above 0, not where it lies below `margin`. */
export function outcomeOf({ low, high }: Pick<Interval, "low" | "high">, margin = 0): PairFinding["outcome"] {
  if (low > 0) return "holds";
  return high < margin ? "does not hold here" : "inconclusive";
}
