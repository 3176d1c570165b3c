/** Diffusion needs more data. */
import { formatCount, formatList, formatNumber, formatPercent, formatRatio } from "../../../core/format.ts";
import { mean, pageTest } from "../../../core/statistics/index.ts";
import type { SeedValue, View } from "../../tables/index.ts";
import { asRatio, type Claim, intervalText, outcomeOf, type PairFinding } from "../readout/claim.ts";
import { shiftInterval, VERDICT_CONFIDENCE } from "../readout/intervals.ts";
import { trainingSets } from "./tables.ts";

/** FID that falls by more than this share over the last third of training is still falling. */
export const STILL_FALLING = 0.1;

const LEVEL = 1 - VERDICT_CONFIDENCE;

/** What a model's trainings on growing sets say. */
export interface DataReadings {
  /** Different training images, ascending. */
  readonly sizes: readonly number[];
  /** FID of the best snapshot at each size, of each seed that was scored at every size. */
  readonly blocks: readonly (readonly number[])[];
  /** Mean share by which FID fell over the last third, at the smallest and the largest size; undefined where unknown. */
  readonly lastGains: readonly (number | undefined)[];
}

export const dataClaim: Claim<DataReadings> = {
  text: "Diffusion needs more data",
  rule: `how many times the FID of the smallest training set exceeds that of the largest, by training seed, each at the snapshot that images which only choose call best; the ratio of diffusion's to the GAN's, Hodges-Lehmann on logarithms with its exact interval (4 seeds a model at least). It holds where the interval lies above 1, it does not where it lies below; and only if the model said to need more needs any: its FID falls with the size of its set (Page's exact test over seeds, p at most ${formatNumber(LEVEL)}; 4 seeds of 3 sizes or 5 of 2 can show it). No verdict while the FID of either model, at the smallest or the largest size, still falls by more than ${formatPercent(STILL_FALLING)} over the last third of training: then the budget decides, not the data.`,
  notMeasured:
    "two training-set sizes for both families, each at its best validation snapshot (older runs recorded the final one alone, and drew one subset for all seeds)",
  read(view, model) {
    const sets = trainingSets(view).filter((set) => set.model === model);
    const best = sets.map((set) => set.best?.bySeed ?? []);
    if (sets.length < 2 || best.some((seeds) => seeds.length === 0)) return undefined;
    return {
      sizes: sets.map(({ trainImages }) => trainImages),
      blocks: blocksOf(best),
      lastGains: [sets[0]!.lastGain, sets.at(-1)!.lastGain],
    };
  },
  find: dataFinding,
};

/** The values of each seed that has one above 0 in every column. */
export function blocksOf(columns: readonly (readonly SeedValue[])[]): number[][] {
  const seeds = columns[0]?.map(({ seed }) => seed) ?? [];
  return seeds.flatMap((seed) => {
    const values = columns.flatMap(
      (column) => column.find((one) => one.seed === seed && one.value > 0)?.value ?? [],
    );
    return values.length === columns.length ? [values] : [];
  });
}

export function dataFinding(gan: DataReadings, diffusion: DataReadings, _view?: View): PairFinding {
  const losses = ({ blocks }: DataReadings) => blocks.map((fids) => Math.log(fids[0]! / fids.at(-1)!));
  const [of, other] = [losses(gan), losses(diffusion)];
  const shift = shiftInterval(of, other);
  const times = (values: readonly number[]) =>
    values.length > 0
      ? `${formatRatio(Math.exp(mean(values)))} times (${values.length} ${values.length === 1 ? "seed" : "seeds"})`
      : "not known";
  const { sizes } = diffusion;
  const facts = `Best FID on ${formatCount(sizes[0]!)} training images over that on ${formatCount(sizes.at(-1)!)}: diffusion ${times(other)}, GAN ${times(of)}`;
  const said = (why: string) => ({ outcome: "inconclusive" as const, text: `${facts}; ${why}.` });
  if (!shift.defined) return said(shift.why);
  const ratio = `ratio ${intervalText(asRatio(shift))}`;
  const open = [...unfinished("the GAN", gan), ...unfinished("diffusion", diffusion)];
  if (open.length > 0) return said(`${ratio}; no verdict, as ${formatList(open)}`);
  const outcome = outcomeOf(shift);
  if (outcome === "inconclusive") return said(ratio);
  const [name, needy] = outcome === "holds" ? ["diffusion", diffusion] : ["the GAN", gan];
  const { p } = pageTest(needy.blocks);
  const trend = `the fall of ${name}'s FID with more images has p ${formatNumber(p)}`;
  if (p > LEVEL) return said(`${ratio}; no verdict, as ${trend}, so the sizes do not separate`);
  return { outcome, text: `${facts}; ${ratio}; ${trend}.` };
}

/** Why a model's trainings had not come to their end. */
function unfinished(name: string, { lastGains }: DataReadings): string[] {
  if (lastGains.some((gain) => gain === undefined))
    return [`whether the FID of ${name} still falls is not known (it takes 2 checkpoints)`];
  const gain = Math.max(...lastGains.flatMap((one) => one ?? []));
  return gain > STILL_FALLING
    ? [`the FID of ${name} still fell by ${formatPercent(gain)} over the last third of training`]
    : [];
}
