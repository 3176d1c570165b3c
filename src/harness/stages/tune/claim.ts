/** GANs need more tuning than diffusion. */
import { formatRatio } from "../../../core/format.ts";
import { rng } from "../../../core/rng.ts";
import { bootstrapDifference, searchGain } from "../../../core/statistics/index.ts";
import type { Search } from "../../record/index.ts";
import { metricTitle } from "../../tables/index.ts";
import { asRatio, type Claim, intervalText, outcomeOf, type PairFinding } from "../readout/claim.ts";
import { VERDICT_CONFIDENCE } from "../readout/intervals.ts";
import { countedValues, searches } from "./tables.ts";

/** Fewest drawn trials of a model that carry a verdict. */
export const LEAST_DRAWN = 8;

export const tuneClaim: Claim<Search> = {
  text: "GANs need more tuning than diffusion",
  rule: `the searches for settings, the drawn trials of their first rung, on validation images: how many times better the expected best of half of the trials is than one trial, geometric means; the ratio of the GAN's to diffusion's, with the percentile interval of 2,000 resamples of the trials (${LEAST_DRAWN} drawn trials a model at least, equally many, one metric). A trial that diverged counts as the worst of its model. It holds where the interval lies above 1, it does not where it lies below.`,
  notMeasured: "settings of both families that bench tune has searched",
  read: (view, model) => searches(view).find((one) => one.model === model)?.search,
  find: (gan, diffusion, view) => tuneFinding(gan, diffusion, metricTitle(view, gan.metric.name)),
};

/** `title` names the metric. */
export function tuneFinding(gan: Search, diffusion: Search, title = gan.metric.name): PairFinding {
  const open = (why: string): PairFinding => ({ outcome: "inconclusive", text: `${why}.` });
  if (gan.trials !== diffusion.trials)
    return open(`The GAN has had ${gan.trials} trials and diffusion ${diffusion.trials}`);
  const { name, direction, n } = gan.metric;
  if (name !== diffusion.metric.name || n !== diffusion.metric.n)
    return open("The two were searched by different measures");
  const [a, b] = [countedValues(diffusion), countedValues(gan)];
  if (!a || !b) return open("No trial of one of them has a value");
  if ([...a.values, ...b.values].some((value) => value <= 0))
    return open(`Values of ${title} at or below 0 have no ratio`);
  const logs = (values: readonly number[]) =>
    values.map((value) => (direction === "lower" ? Math.log(value) : -Math.log(value)));
  const [before, after] = [logs(a.values), logs(b.values)];
  const times = (values: readonly number[]) => formatRatio(Math.exp(searchGain(values)));
  const half = Math.floor(after.length / 2);
  const facts = `The best of ${half} drawn settings improves ${title} over one by a factor of ${times(after)} for the GAN and ${times(before)} for diffusion${lostText(b.lost, a.lost)}`;
  const least = Math.min(before.length, after.length);
  if (least < LEAST_DRAWN)
    return open(`${least} drawn trials of a model carry no interval, ${LEAST_DRAWN} can`);
  const stream = rng(0).fold("tuning");
  const interval = {
    ...bootstrapDifference(before, after, searchGain, { confidence: VERDICT_CONFIDENCE, stream }),
    confidence: VERDICT_CONFIDENCE,
  };
  return { outcome: outcomeOf(interval), text: `${facts}; ratio ${intervalText(asRatio(interval))}.` };
}

const lostText = (gan: number, diffusion: number): string =>
  gan + diffusion === 0 ? "" : ` (without a value: ${gan} and ${diffusion} trials)`;
