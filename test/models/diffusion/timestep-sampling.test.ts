import { describe, expect, it } from "vitest";
import { rng } from "../../../src/core/rng.ts";
import {
  type LossMemory,
  remember,
  stepProbabilities,
  timestepSamplings,
} from "../../../src/models/diffusion/timestep-sampling.ts";
import { expectClose, goldenCase } from "../golden.ts";

it("the probabilities and weights are the published resampler's after every update", () => {
  interface Inputs {
    T: number;
    history_per_term: number;
    uniform_prob: number;
    updates_t: number[][];
    updates_loss: number[][];
  }
  interface After {
    warmed_up: boolean;
    weights: number[];
    loss_multiplier_per_t: number[];
  }
  const { inputs, expected } = goldenCase<Inputs, { after_each_update: After[] }>(
    "losses",
    "loss_second_moment_resampler",
  );
  const { T: steps, history_per_term: history, uniform_prob: uniformShare } = inputs;
  const options = { steps, history, uniformShare };
  let memory: LossMemory = {
    losses: new Float32Array(steps * history),
    counts: new Float32Array(steps),
  };
  for (const [k, after] of expected.after_each_update.entries()) {
    memory = remember(memory, inputs.updates_t[k]!, inputs.updates_loss[k]!, options);
    expect(memory.counts.every((count) => count === history)).toBe(after.warmed_up);
    const probabilities = stepProbabilities(memory, options);
    const total = after.weights.reduce((sum, weight) => sum + weight, 0);
    expectClose(
      probabilities,
      after.weights.map((weight) => weight / total),
      1e-6,
    );
    expectClose(
      probabilities.map((p) => 1 / (steps * p)),
      after.loss_multiplier_per_t,
      1e-6,
    );
  }
});

describe("loss-aware", () => {
  const steps = 5;
  const { draw, memory } = timestepSamplings["loss-aware"](steps);
  /** After ten losses of every step: step t's are t + 1. */
  const learned = () => {
    let state = memory!.initial;
    for (let k = 0; k < 10; k++) {
      const t = { shape: [steps], data: Float32Array.of(0, 1, 2, 3, 4) };
      state = memory!.next(state, { t }, { sample_loss: { shape: [steps], data: t.data.map((x) => x + 1) } });
    }
    return state;
  };

  it("draws uniformly, with weights of 1, until every step has ten losses", () => {
    const { t, weights } = draw(rng(1), 5000, memory!.initial);
    expect(weights!.every((weight) => weight === 1)).toBe(true);
    for (let step = 0; step < steps; step++)
      expect(t.filter((at) => at === step).length / 5000).toBeCloseTo(0.2, 1);
  });

  it("then draws by the size of the losses, and weighs so that the mean loss stays", () => {
    const count = 40_000;
    const { t, weights } = draw(rng(1), count, learned());
    for (let step = 0; step < steps; step++) {
      const share = t.filter((at) => at === step).length / count;
      expect(Math.abs(share - (0.999 * (step + 1)) / 15 - 0.0002)).toBeLessThan(0.01);
    }
    const estimate = t.reduce((sum, at, i) => sum + weights![i]! * (at + 1), 0) / count;
    expect(estimate).toBeCloseTo(3, 2); // the plain mean of 1..5
  });

  it("forgets the oldest loss, and leaves out what is not finite", () => {
    const options = { steps: 1, history: 2 };
    const seen = (...losses: number[]) =>
      remember(
        { losses: new Float32Array(2), counts: new Float32Array(1) },
        losses.map(() => 0),
        losses,
        options,
      );
    expect(seen(1, 2, 3)).toEqual({ losses: Float32Array.of(2, 3), counts: Float32Array.of(2) });
    expect(seen(1, Number.NaN)).toEqual({ losses: Float32Array.of(1, 0), counts: Float32Array.of(1) });
  });

  it("does not change the memory it is given", () => {
    const before = structuredClone(memory!.initial);
    learned();
    expect(memory!.initial).toEqual(before);
  });
});
