/**
 * Running statistics of a network's batch normalisation: state beside its parameters, moved outside of the gradient. They
 * lag behind the weights, an average the more, so standing ones take their places before anything is sampled.
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { Rng } from "../../core/rng.ts";
import { flatten, type Tree, unflatten } from "../../engine/ops/index.ts";
import type { State } from "../contract.ts";
import { countOf, initialise, movingAverage, type ParameterSpecs, shapesOf } from "../nn/index.ts";

/** Share of a batch in the running statistics (the usual momentum of 0.1). */
const BATCH_SHARE = 0.1;

export function runningStatistics(specs: ParameterSpecs, averaged: boolean) {
  const shapes = shapesOf(specs);
  const spec = { shape: [countOf(specs)] };
  return {
    spec,
    /** `statistics` and, where an average is kept beside averaged weights, `statistics_ema`. */
    state: { statistics: spec, ...(averaged ? { statistics_ema: spec } : {}) },
    initialState(stream: Rng): State {
      const statistics = { ...spec, data: initialise(specs, stream) };
      return {
        statistics,
        ...(averaged ? { statistics_ema: { ...spec, data: statistics.data.slice() } } : {}),
      };
    },
    unflatten: (flat: tf.Tensor): Tree => unflatten(flat, shapes),
    /** The state after a batch with these statistics; `share` of it goes into the average. */
    step(inputs: Tree, batch: Tree, share: tf.Tensor | undefined): Tree {
      const values = flatten(batch, shapes);
      const moved = (name: string, by: tf.Tensor | number) =>
        movingAverage(inputs[name] as tf.Tensor1D, values, by);
      return {
        statistics: moved("statistics", BATCH_SHARE),
        ...(averaged ? { statistics_ema: moved("statistics_ema", share!) } : {}),
      };
    },
    /** What to sample with: the average where it is kept. */
    forSampling: ({ statistics, statistics_ema }: State) => statistics_ema ?? statistics!,
  };
}

export type RunningStatistics = ReturnType<typeof runningStatistics>;
