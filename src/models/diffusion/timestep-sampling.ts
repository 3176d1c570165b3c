/**
 * Which steps a training batch sees. Drawn by the size of their losses, and the losses weighted so that their mean stays
 * what it was, the bound's gradient has less noise (Nichol & Dhariwal 2021, arXiv:2102.09672, section 3.3).
 */
import { assert } from "../../core/errors.ts";
import type { Rng } from "../../core/rng.ts";
import type { HostMemory, State } from "../contract.ts";

/** Losses remembered of each step, and the share of draws that stays uniform, so that no step is forgotten. */
const HISTORY = 10;
const UNIFORM_SHARE = 0.001;

export interface LossMemory {
  /** [steps, history], oldest first; those not yet seen are 0. */
  readonly losses: Float32Array;
  /** Losses remembered of each step. */
  readonly counts: Float32Array;
}

export interface LossAwareOptions {
  readonly steps: number;
  readonly history?: number;
  readonly uniformShare?: number;
}

/** Probability of each step: proportional to sqrt(E[L^2]) once every step has a whole history, uniform until then. */
export function stepProbabilities(
  { losses, counts }: LossMemory,
  { steps, history = HISTORY, uniformShare = UNIFORM_SHARE }: LossAwareOptions,
): Float64Array {
  const uniform = 1 / steps;
  if (counts.some((count) => count < history)) return new Float64Array(steps).fill(uniform);
  const size = Float64Array.from({ length: steps }, (_, t) => {
    let squares = 0;
    for (let i = 0; i < history; i++) squares += losses[t * history + i]! ** 2;
    return Math.sqrt(squares / history);
  });
  const total = size.reduce((sum, value) => sum + value, 0);
  if (!(total > 0)) return new Float64Array(steps).fill(uniform); // every loss was 0: nothing to tell them apart
  return size.map((value) => (1 - uniformShare) * (value / total) + uniformShare * uniform);
}

/** The memory after these losses, in their order: the oldest of a full history goes. Losses that are not finite are left out. */
export function remember(
  memory: LossMemory,
  t: ArrayLike<number>,
  loss: ArrayLike<number>,
  { history = HISTORY }: LossAwareOptions,
): LossMemory {
  const losses = memory.losses.slice();
  const counts = memory.counts.slice();
  for (let i = 0; i < t.length; i++) {
    if (!Number.isFinite(loss[i])) continue;
    const [step, row] = [t[i]!, t[i]! * history];
    if (counts[step]! === history) losses.copyWithin(row, row + 1, row + history);
    else counts[step]!++;
    losses[row + counts[step]! - 1] = loss[i]!;
  }
  return { losses, counts };
}

/** Steps of a batch, and the weights of their losses, whose expectation is 1. */
export interface StepDraw {
  readonly t: number[];
  /** Absent where all are 1. */
  readonly weights?: number[];
}

export interface TimestepSampling {
  /** Steps for `count` images, from `stream` alone. */
  draw(stream: Rng, count: number, memory: State | undefined): StepDraw;
  readonly memory?: HostMemory;
}

export const timestepSamplings = {
  /** Ho et al. 2020, algorithm 1. */
  uniform: (steps: number): TimestepSampling => ({
    draw: (stream, count) => ({ t: Array.from({ length: count }, () => stream.integer(steps)) }),
  }),

  "loss-aware": (steps: number): TimestepSampling => ({
    draw(stream, count, memory) {
      assert(memory, "loss-aware timesteps are drawn from the memory of the losses");
      const probabilities = stepProbabilities(memoryOf(memory), { steps });
      const t = Array.from({ length: count }, () => drawIndex(probabilities, stream.uniform()));
      return { t, weights: t.map((at) => 1 / (steps * probabilities[at]!)) };
    },
    memory: {
      initial: stateOf({ losses: new Float32Array(steps * HISTORY), counts: new Float32Array(steps) }, steps),
      next: (memory, fed, { sample_loss }) =>
        stateOf(remember(memoryOf(memory), fed.t!.data, sample_loss!.data, { steps }), steps),
    },
  }),
} satisfies Record<string, (steps: number) => TimestepSampling>;

export type TimestepSamplingName = keyof typeof timestepSamplings;

function stateOf({ losses, counts }: LossMemory, steps: number): State {
  return {
    step_losses: { shape: [steps, HISTORY], data: losses },
    step_counts: { shape: [steps], data: counts },
  };
}

function memoryOf({ step_losses, step_counts }: State): LossMemory {
  return { losses: step_losses!.data as Float32Array, counts: step_counts!.data as Float32Array };
}

/** The first index whose cumulative probability exceeds u in [0, 1). */
function drawIndex(probabilities: Float64Array, u: number): number {
  let sum = 0;
  for (let i = 0; i < probabilities.length - 1; i++) {
    sum += probabilities[i]!;
    if (u < sum) return i;
  }
  return probabilities.length - 1;
}
