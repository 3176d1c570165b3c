/** Facts beside the answer: each family's best quality on a scale from real images to noise, and the training budget. */
import { formatCount, formatList, formatNumber, formatRatio, formatSeconds } from "../../../core/format.ts";
import { anchorsAt } from "../../stages/anchors/tables.ts";
import { bestOfSide, type QualityPoint, readingNamed } from "../../stages/diversity/tables.ts";
import { worthTraining } from "../../stages/stability/quality-time.ts";
import { describeSetting, groupBy, metricWord, RANKING, seedsText, type View } from "../../tables/index.ts";

export interface Finding {
  readonly claim: string;
  readonly text: string;
}

export function findings(view: View): Finding[] {
  const best = (["gan", "diffusion"] as const).flatMap((side) => bestOfSide(view, side) ?? []);
  return [
    { claim: "Quality", text: qualityText(view, RANKING, best) },
    { claim: "Coverage", text: qualityText(view, "coverage", best) },
    { claim: "Training budget", text: budgetText(view) },
    { claim: "Training that pays", text: worthTraining(view) },
  ].filter(({ text }) => text !== "");
}

/** One metric of each family's best setting, beside real images and noise; empty where a family lacks it. */
function qualityText(view: View, metric: string, best: readonly QualityPoint[]): string {
  const readings = best.flatMap((point) => readingNamed(point, metric) ?? []);
  if (readings.length < 2) return "";
  const scores = best.map(
    (point, i) =>
      `${describeSetting(view, point)} ${formatNumber(readings[i]!.value)} (${seedsText(readings[i]!)})`,
  );
  const n = best[0]!.n;
  const anchors = best.every((point) => point.n === n) ? anchorsAt(view, n) : undefined;
  const [real, noise] = [readingNamed(anchors?.floor, metric), readingNamed(anchors?.ceiling, metric)];
  const scale =
    real && noise
      ? `At the same n of ${formatCount(n)}, real images score ${formatNumber(real.value)} and noise ${formatNumber(noise.value)}.`
      : "Real images and noise were not measured at the same n, so there is no scale.";
  const word = metricWord(view, metric);
  const what = metric === RANKING ? `The best ${word} of each family` : `The ${word} of the same settings`;
  return `${what} (${readings[0]!.direction} is better): ${scores.join("; ")}. ${scale}`;
}

/** Training times that differ by more than this share are not called equal. */
const EQUAL_WITHIN = 0.25;

function budgetText(view: View): string {
  const trained = groupBy(view.records("train"), ({ model }) => model).map((group) => ({
    title: view.title(group[0].model),
    seconds: group.reduce((sum, { seconds }) => sum + seconds, 0) / group.length,
    images: group[0].imagesSeen,
  }));
  if (trained.length < 2) return "Fewer than two models finished training.";
  const spent = trained.map(
    ({ title, seconds, images }) => `${title} ${formatSeconds(seconds)} for ${formatCount(images)} images`,
  );
  const seconds = trained.map((one) => one.seconds);
  const ratio = Math.max(...seconds) / Math.min(...seconds);
  const verdict =
    ratio <= 1 + EQUAL_WITHIN
      ? "The training times are about equal"
      : `The training times are not equal: the longest is ${formatRatio(ratio)} times the shortest, which favours the model that was trained longest`;
  return `${verdict}: ${formatList(spent)}.`;
}
