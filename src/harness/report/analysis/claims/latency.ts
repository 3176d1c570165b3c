/** A GAN is one pass, diffusion hundreds. */
import type { Cell, Run } from "../../../record/index.ts";
import { groupBy } from "../cells.ts";
import { formatNumber, formatRatio } from "../format.ts";
import { latencyRows } from "../latency.ts";
import { comparedBatches, RANKING } from "../options.ts";
import { qualityPoints, readingNamed } from "../quality.ts";
import { settingKey } from "../settings.ts";
import { rangeInterval } from "./intervals.ts";
import { intervalText, type Pair, type PairFinding, pairsOf, type Verdict, verdictOf } from "./verdict.ts";

/** What "hundreds" means here: the least factor in time per image. */
export const HUNDREDS = 100;

const RULE = `time per image at the smallest batch, of the fastest setting with which diffusion reaches the GAN's FID, over the GAN's own; by training seed, median request of all processes. It holds where the interval over seeds (least to largest, 6 seeds at least) lies at or above ${HUNDREDS}, it does not where it lies below. With fewer seeds it is decided only if every measured setting lies on one side. A seed that no setting brings to the GAN's FID counts as above.`;

export function latencyVerdict(run: Run, cells: readonly Cell[]): Verdict {
  const [batch] = comparedBatches(run, cells);
  const rows = latencyRows(run.models, cells).filter((row) => row.batch === batch);
  const timed = new Set(rows.map(({ model }) => model));
  return verdictOf(
    run,
    pairsOf(run, (model) => timed.has(model)).map((pair) => ({
      ...pair,
      finding: pairFinding(run, cells, rows, pair),
    })),
    { rule: RULE, notMeasured: "requests of both families" },
  );
}

function pairFinding(
  run: Run,
  cells: readonly Cell[],
  rows: ReturnType<typeof latencyRows>,
  { gan, diffusion }: Pair,
): PairFinding {
  const ganMs = rows.find(({ model }) => model === gan.id)!.msPerImage;
  const times = new Map(
    rows
      .filter(({ model }) => model === diffusion.id)
      .map((row) => [settingKey(row), row.msPerImage / ganMs]),
  );
  const points = qualityPoints(run.models, cells);
  const target = readingNamed(
    points.find(({ model }) => model === gan.id),
    RANKING,
  );
  const readings = points
    .filter(({ model }) => model === diffusion.id)
    .flatMap((point) => {
      const ratio = times.get(settingKey(point));
      const reading = readingNamed(point, RANKING);
      return ratio === undefined || !reading
        ? []
        : reading.bySeed.map(({ seed, value }) => ({ seed, value, ratio }));
    });
  const bySeed = groupBy(readings, ({ seed }) => String(seed)).map((group) =>
    Math.min(
      ...group.filter(({ value }) => target !== undefined && value <= target.value).map(({ ratio }) => ratio),
      Number.POSITIVE_INFINITY,
    ),
  );
  return latencyFinding(target ? bySeed : [], [...times.values()]);
}

function rangeText(values: readonly number[]): string {
  const [low, high] = [formatRatio(Math.min(...values)), formatRatio(Math.max(...values))];
  return low === high ? low : `${low} to ${high}`;
}

/**
 * From the factor of each seed at equal FID (infinite where no setting reaches it) and the factors of every measured
 * setting, whatever its quality.
 */
export function latencyFinding(bySeed: readonly number[], settings: readonly number[]): PairFinding {
  const [least, most] = [Math.min(...settings), Math.max(...settings)];
  const span = `The measured settings take ${formatRatio(least)} to ${formatRatio(most)} times the GAN's time an image`;
  const reached = bySeed.filter(Number.isFinite);
  const equal =
    bySeed.length === 0
      ? "quality was not measured beside it"
      : reached.length === 0
        ? "none of them reaches its FID"
        : `at its FID ${rangeText(reached)} times${reached.length < bySeed.length ? `, and ${bySeed.length - reached.length} of ${bySeed.length} seeds do not reach it` : ""}`;
  const interval = rangeInterval(bySeed);
  const say = (why: string) => `${span}; ${equal}${why}.`;
  if (least >= HUNDREDS) return { outcome: "holds", text: say("") };
  const allReach = bySeed.length > 0 && reached.length === bySeed.length;
  if (most < HUNDREDS && allReach) return { outcome: "does not hold here", text: say("") };
  if (!interval.defined) return { outcome: "inconclusive", text: say(`; ${interval.why}`) };
  const text = say(
    ` (${Number.isFinite(interval.high) ? intervalText(interval) : `at least ${formatNumber(interval.low)}`})`,
  );
  if (interval.low >= HUNDREDS) return { outcome: "holds", text };
  return { outcome: interval.high < HUNDREDS ? "does not hold here" : "inconclusive", text };
}
