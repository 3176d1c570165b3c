/** When which student of progressive distillation learns: arithmetic on step counts alone. */
import { badConfig } from "../../../core/errors.ts";

/**
 * Students of from/2, from/4, .. 1 steps, one after another. All have the same share of training but those of 2 and 1
 * steps, which have twice as much (Salimans & Ho 2022, appendix C). BAD_CONFIG where there is not a step for each.
 * `steps`: those that a stage's student samples in; its teacher takes twice as many.
 */
export function halvingStages(from: number, trainingSteps: number) {
  const students = Array.from({ length: Math.log2(from) }, (_, i) => from / 2 ** (i + 1));
  const shares = students.map((steps) => (steps <= 2 ? 2 : 1));
  const total = shares.reduce((sum, share) => sum + share, 0);
  if (trainingSteps < total)
    throw badConfig(
      `${trainingSteps} training steps are too few to halve ${from} steps ${students.length} times; give at least ${total}`,
    );
  let [taken, before] = [0, 0];
  return students.map((steps, i) => {
    taken += shares[i]!;
    const end = Math.round((trainingSteps * taken) / total);
    const stage = { steps, before, length: end - before };
    /** Training steps before the stage, and in it. */
    before = end;
    return stage;
  });
}

export type HalvingStage = ReturnType<typeof halvingStages>[number];

/** What is left of a stage at a step, that step included: 1 at its first, 1 / length at its last and beyond. */
export const shareLeft = ({ before, length }: HalvingStage, step: number): number =>
  Math.max(1, before + length - step + 1) / length;

/** The stage of a training step, counted from 1; the last one where training goes on beyond the schedule. */
export function stageAt(stages: readonly HalvingStage[], step: number): HalvingStage {
  return stages.find(({ before, length }) => step <= before + length) ?? stages.at(-1)!;
}
