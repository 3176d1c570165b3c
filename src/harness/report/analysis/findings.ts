/** The findings under the verdict: quality, coverage, step count, time and training budget. */
import type { Cell, Run } from "../../record/index.ts";
import { groupBy, records } from "./cells.ts";
import { formatCount, formatList, formatMs, formatNumber, formatRatio, formatSeconds } from "./format.ts";
import { breakEvenStep } from "./front.ts";
import { latencyRows } from "./latency.ts";
import { comparedBatches, optionsAt, RANKING } from "./options.ts";
import { type Anchors, anchorsAt, metricWord, type QualityPoint, readingNamed } from "./quality.ts";
import { describeSetting, familyOf, settingKey, titleOf } from "./settings.ts";

export interface Finding {
  readonly claim: string;
  readonly text: string;
}

export interface Contenders {
  readonly points: readonly QualityPoint[];
  /** Each family's setting with the lowest FID. */
  readonly gan: QualityPoint | undefined;
  readonly diffusion: QualityPoint | undefined;
}

export function findings(run: Run, cells: readonly Cell[], contenders: Contenders): Finding[] {
  const { points, gan, diffusion } = contenders;
  const budget = budgetFinding(run, cells);
  if (!gan || !diffusion) return [budget];
  const anchors = gan.n === diffusion.n ? anchorsAt(cells, gan.n) : undefined;
  const coverage = comparison(run, "coverage", gan, diffusion, anchors);
  return [
    { claim: "Quality", text: comparison(run, RANKING, gan, diffusion, anchors)! },
    ...(coverage ? [{ claim: "Coverage", text: coverage }] : []),
    { claim: "Steps", text: stepsFinding(run, points, gan) },
    { claim: "Time", text: timeFinding(run, cells, gan, diffusion) },
    budget,
  ];
}

/** Both families' readings of one metric with floor and ceiling beside them; undefined where either lacks it. */
export function comparison(
  run: Run,
  metric: string,
  gan: QualityPoint,
  diffusion: QualityPoint,
  anchors: Anchors | undefined,
): string | undefined {
  const [a, b] = [readingNamed(gan, metric), readingNamed(diffusion, metric)];
  if (!a || !b) return undefined;
  const word = metricWord(a.metric);
  const lower = a.direction === "lower";
  const scores = (point: QualityPoint, value: number) =>
    `${describeSetting(run, point)}: ${formatNumber(value)}`;
  const both = [scores(gan, a.value), scores(diffusion, b.value)];
  const tie = a.value === b.value;
  const ganBetter = lower ? a.value < b.value : a.value > b.value;
  const winner = titleOf(run, ganBetter ? gan.model : diffusion.model);
  const verdict = tie ? `Equal in ${word}` : `${winner} has the better ${word}`;
  const floor = readingNamed(anchors?.floor, metric);
  const ceiling = readingNamed(anchors?.ceiling, metric);
  const beside =
    anchors && floor && ceiling
      ? `At the same n of ${formatCount(anchors.n)}, real images score ${formatNumber(floor.value)} and noise ${formatNumber(ceiling.value)}.`
      : "Real images and noise were not measured at the same n, so there is no scale beside it.";
  return `${verdict} (${lower ? "lower" : "higher"} is better). ${both.join("; ")}. ${beside}`;
}

/** The step count from which each sampler is at least as good as the GAN. */
function stepsFinding(run: Run, points: readonly QualityPoint[], gan: QualityPoint): string {
  const level = readingNamed(gan, RANKING)!.value;
  const ganTitle = titleOf(run, gan.model);
  const diffusion = points.filter(({ model }) => familyOf(run, model) === "diffusion");
  const sentences = groupBy(diffusion, ({ model, sampler }) => JSON.stringify([model, sampler])).map(
    (group) => {
      const curve = group.flatMap((point) => {
        const reading = readingNamed(point, RANKING);
        return reading ? [{ steps: point.steps, quality: reading.value }] : [];
      });
      const name = `${titleOf(run, group[0]!.model)} with ${group[0]!.sampler}`;
      const steps = breakEvenStep(curve, level);
      if (steps !== undefined)
        return `${name} reaches ${ganTitle}'s FID from ${steps} ${steps === 1 ? "step" : "steps"} on`;
      return curve.length > 0
        ? `${name} does not reach it with up to ${Math.max(...curve.map((point) => point.steps))} steps`
        : `${name} has no FID`;
    },
  );
  return `${sentences.join("; ")}.`;
}

/** Time an image of the GAN, of the fastest diffusion setting that reaches its FID, and of the best one. */
function timeFinding(run: Run, cells: readonly Cell[], gan: QualityPoint, best: QualityPoint): string {
  const [batch] = comparedBatches(run, cells);
  const rows = latencyRows(run.models, cells).filter((row) => row.batch === batch);
  const timeOf = (point: QualityPoint) =>
    rows.find((row) => settingKey(row) === settingKey(point))?.msPerImage;
  const ganMs = timeOf(gan);
  const bestMs = timeOf(best);
  if (batch === undefined || ganMs === undefined || bestMs === undefined)
    return "Time an image was not measured for both families.";
  const against = (ms: number) =>
    ms >= ganMs ? `${formatRatio(ms / ganMs)} times the GAN's` : `1/${formatRatio(ganMs / ms)} of the GAN's`;
  const fast = fastestReaching(run, cells, gan, batch);
  const reaching =
    fast && settingKey(fast) !== settingKey(best)
      ? ` The fastest setting that reaches its FID, ${describeSetting(run, fast)}, takes ${formatMs(fast.ms)}: ${against(fast.ms)}.`
      : "";
  return (
    `At batch ${batch}, ${titleOf(run, gan.model)} takes ${formatMs(ganMs)} an image (median).${reaching} ` +
    `The best, ${describeSetting(run, best)}, takes ${formatMs(bestMs)}: ${against(bestMs)}.`
  );
}

function fastestReaching(run: Run, cells: readonly Cell[], gan: QualityPoint, batch: number) {
  const level = readingNamed(gan, RANKING)!.value;
  return optionsAt(run, cells, batch)
    .filter(({ model, quality }) => familyOf(run, model) === "diffusion" && quality <= level)
    .toSorted((a, b) => a.ms - b.ms)[0];
}

/** Budgets that differ by more than this are not called equal. */
const EQUAL_WITHIN = 0.25;

function budgetFinding(run: Run, cells: readonly Cell[]): Finding {
  const trained = groupBy(records(cells, "train"), ({ model }) => model).map((group) => ({
    title: titleOf(run, group[0]!.model),
    seconds: group.reduce((sum, { seconds }) => sum + seconds, 0) / group.length,
    images: group[0]!.imagesSeen,
  }));
  if (trained.length < 2) return { claim: "Budget", text: "Fewer than two models finished training." };
  const spent = trained.map(
    ({ title, seconds, images }) => `${title} ${formatSeconds(seconds)} for ${formatCount(images)} images`,
  );
  const seconds = trained.map((one) => one.seconds);
  const ratio = Math.max(...seconds) / Math.min(...seconds);
  const verdict =
    ratio <= 1 + EQUAL_WITHIN
      ? "The training times are about equal"
      : `The training times are not equal: the longest is ${formatRatio(ratio)} times the shortest, which favours it`;
  return { claim: "Budget", text: `${verdict}: ${formatList(spent)}.` };
}
