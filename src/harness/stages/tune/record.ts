/** One training of a search for settings. */
import * as z from "zod";
import { count, divergenceSchema, fileSchema, finite, qualitySchema } from "../../record/parts.ts";
import { spaceSchema } from "../../record/tuning.ts";

export const tuneRecordSchema = z.strictObject({
  kind: z.literal("tune"),
  model: z.string(),
  seed: finite,
  /** From 0, the rung with the smallest budget. */
  rung: count,
  /** In the first rung the trial's number, in every other its rank in the rung before, from 0. */
  place: count,
  /** From 0, which is the setting that the suite had. */
  trial: count,
  /** Those of the space, as this trial has them. */
  options: z.record(z.string(), z.unknown()),
  /** The search that it is part of. */
  search: z.strictObject({
    trials: count,
    eta: count,
    rungs: count,
    seed: finite,
    seeds: count,
    metric: z.string(),
    n: count,
    space: spaceSchema,
  }),
  /** Budget of the rung: training images, before they are rounded up to whole steps. */
  images: count,
  outcome: z.enum(["trained", "diverged"]),
  divergence: divergenceSchema.optional(),
  imagesSeen: count,
  seconds: finite,
  /** Against validation images; absent where training diverged. */
  quality: qualitySchema.optional(),
  /** Of a model that others learn from, in the last rung. */
  checkpoint: fileSchema.optional(),
});

export type TuneRecord = z.infer<typeof tuneRecordSchema>;

/** The metric that a trial is judged by; undefined where it diverged or has no value. */
export const chosenBy = ({ quality, search }: TuneRecord) =>
  quality?.metrics.find(({ metric }) => metric === search.metric || metric.startsWith(`${search.metric}_k`));

/** Why a trial has no value. */
function whyNot({ divergence, quality }: TuneRecord): string {
  if (divergence) return `diverged at step ${divergence.step}: ${divergence.reason}`;
  return quality?.undefinedMetrics.map(({ why }) => why).join("; ") || "not scored";
}

/** The trials of one rung, each with the mean over its seeds, in the order of their numbers; one that has no value says why. */
export function trialsOf(records: readonly TuneRecord[]) {
  const trials = new Map<number, TuneRecord[]>();
  for (const record of records) trials.set(record.trial, [...(trials.get(record.trial) ?? []), record]);
  return [...trials.entries()]
    .toSorted(([a], [b]) => a - b)
    .map(([trial, group]) => {
      const { options } = group[0]!;
      const lost = group.find((record) => !chosenBy(record));
      if (lost) return { trial, options, value: undefined, why: whyNot(lost) };
      const sum = group.reduce((total, record) => total + (chosenBy(record)?.value ?? 0), 0);
      return { trial, options, value: sum / group.length, why: undefined };
    });
}
