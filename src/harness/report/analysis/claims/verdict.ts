/**
 * A verdict on a claim about two families. Where several GANs or diffusion models ran, every pair of them is judged and
 * all must agree: no pair is picked after the fact. Students of a distillation stand for themselves, not for diffusion.
 */
import type { ModelFacts, Run } from "../../../record/index.ts";
import { formatList, formatNumber, formatPercent } from "../format.ts";
import { titleOf } from "../settings.ts";
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

export interface Pair {
  readonly gan: ModelFacts;
  readonly diffusion: ModelFacts;
}

/** Every GAN with every diffusion model that is no student, of those that `measured` accepts. */
export function pairsOf(run: Run, measured: (model: string) => boolean): Pair[] {
  const of = (family: ModelFacts["family"]) =>
    run.models.filter(
      (model) => model.family === family && measured(model.id) && model.teacher === undefined,
    );
  return of("gan").flatMap((gan) => of("diffusion").map((diffusion) => ({ gan, diffusion })));
}

/** Joins the findings of all pairs; `notMeasured` is said where there is no pair. */
export function verdictOf(
  run: Run,
  pairs: readonly (Pair & { readonly finding: PairFinding })[],
  { rule, notMeasured }: { rule: string; notMeasured: string },
): Verdict {
  const [first] = pairs;
  if (!first) return { outcome: "not measured", text: `Not measured: ${notMeasured}.`, pairs: [], rule };
  if (pairs.length === 1) return { ...first.finding, pairs: [], rule };
  const agree = pairs.every(({ finding }) => finding.outcome === first.finding.outcome);
  return {
    outcome: agree ? first.finding.outcome : "inconclusive",
    text: summary(pairs.map(({ finding }) => finding.outcome)),
    pairs: pairs.map(
      ({ gan, diffusion, finding }) =>
        `${titleOf(run, gan.id)} and ${titleOf(run, diffusion.id)}${agree ? "" : `, ${finding.outcome}`}: ${finding.text}`,
    ),
    rule,
  };
}

/** Several pairs in a sentence. */
function summary(outcomes: readonly PairFinding["outcome"][]): string {
  const pairs = `${outcomes.length} pairs of a GAN and a diffusion model`;
  const count = (wanted: PairFinding["outcome"]) => outcomes.filter((outcome) => outcome === wanted).length;
  const [holds, not, open] = [count("holds"), count("does not hold here"), count("inconclusive")];
  if (holds === outcomes.length) return `It holds for all ${pairs}.`;
  if (not === outcomes.length) return `It does not hold for any of ${pairs}.`;
  if (open === outcomes.length) return `None of ${pairs} decides it.`;
  const parts = [
    ...(holds > 0 ? [`it holds for ${holds}`] : []),
    ...(not > 0 ? [`it does not for ${not}`] : []),
    ...(open > 0 ? [`${open} ${open === 1 ? "is" : "are"} inconclusive`] : []),
  ];
  return `It depends on the models: of ${pairs} ${formatList(parts)}.`;
}

/** `0.12 to 0.3, 97% confidence`. */
export const intervalText = (
  { low, high, confidence }: Pick<Interval, "low" | "high" | "confidence">,
  format: (value: number) => string = formatNumber,
): string =>
  `${format(low)} to ${format(high)}, ${formatPercent(Number(confidence.toPrecision(3)))} confidence`;
