import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Engine, HostTensor } from "../../../src/engine/contract.ts";
import { createReferenceEngine } from "../../../src/engine/eager/reference.ts";
import { lossFor, objectiveSchema, objectives } from "../../../src/models/diffusion/objectives/index.ts";
import { posteriorAt, reverseVariances } from "../../../src/models/diffusion/posterior.ts";
import { alphaBarFor, betasOf, scheduleSchema, snr } from "../../../src/models/diffusion/schedules/index.ts";
import { type TargetName, targetFor } from "../../../src/models/diffusion/targets/index.ts";
import type { Process } from "../../../src/models/diffusion/variational.ts";
import { compiledEngine, evaluateOnce } from "../evaluate.ts";
import { expectClose, flat, goldenCases, host, type Nested } from "../golden.ts";

const engines: Engine[] = [];
beforeAll(async () => {
  engines.push(await createReferenceEngine(), await compiledEngine());
});
afterAll(() => Promise.all(engines.map((engine) => engine.dispose())));

const alphaBar = alphaBarFor(100, scheduleSchema.parse({ name: "linear", scaled: true }));
const processOf = (
  target: TargetName,
  variance: Process["variance"] = "fixed-small",
  inputScale = 1,
): Process => ({
  alphaBar,
  inputScale,
  target: targetFor(target, alphaBar),
  variance,
});

const perImage = (t: readonly number[], of: (t: number) => number): HostTensor => ({
  shape: [t.length, 1, 1, 1],
  data: Float32Array.from(t, of),
});

interface Case {
  t: number[];
  x_start: Nested[];
  noise: Nested[];
  model_output: Nested[];
}

/** Loss of each image, and the gradient of their mean in the output, as training takes them. */
async function lossOf(engine: Engine, process: Process, target: TargetName, options: object, inputs: Case) {
  const loss = lossFor(objectiveSchema.parse(options), process, target);
  const names = Object.keys(loss.scalars(0));
  const learned = process.variance === "learned-range";
  const level = (t: number) => alphaBar[t]!;
  return evaluateOnce(
    engine,
    (given) => {
      const images = given.images as tf.Tensor4D;
      const wanted = tf.add(tf.mul(images, given.clean!), tf.mul(given.noise!, given.epsilon!));
      const each = (output: tf.Tensor) => {
        const [estimate, share] = learned ? tf.split(output, 2, 3) : [output];
        const error = tf.sub(wanted, estimate!) as tf.Tensor4D;
        return loss.of({ images, error, share: share as tf.Tensor4D | undefined }, given);
      };
      const { grad } = tf.valueAndGrad((output) => tf.mean(each(output)))(given.output!);
      return { each: tf.mean(each(given.output!), [1, 2, 3]), gradient: grad };
    },
    {
      images: host(inputs.x_start),
      noise: host(inputs.noise),
      output: host(inputs.model_output),
      clean: perImage(inputs.t, (t) => process.target.wanted(level(t)).clean),
      epsilon: perImage(inputs.t, (t) => process.target.wanted(level(t)).epsilon),
      ...Object.fromEntries(names.map((name) => [name, perImage(inputs.t, (t) => loss.scalars(t)[name]!)])),
    },
  );
}

describe("published losses, with their gradients", () => {
  interface Published extends Case {
    T: number;
    model_mean_type: "EPSILON" | "START_X" | "PREVIOUS_X";
    model_var_type: "FIXED_SMALL" | "FIXED_LARGE" | "LEARNED_RANGE";
    loss_type: "MSE" | "RESCALED_MSE" | "KL" | "RESCALED_KL";
  }
  const target = { EPSILON: "epsilon", START_X: "x0", PREVIOUS_X: "mean" } as const;
  const variance = {
    FIXED_SMALL: "fixed-small",
    FIXED_LARGE: "fixed-large",
    LEARNED_RANGE: "learned-range",
  } as const;
  for (const { name, inputs, expected } of goldenCases<
    Published,
    { loss: number[]; grad_of_mean_loss_wrt_model_output: Nested }
  >("losses", /^training_losses/))
    it(name, async () => {
      expect(engines.length).toBe(2);
      const { T, loss_type, model_mean_type, model_var_type } = inputs;
      const learned = model_var_type === "LEARNED_RANGE";
      const bound = loss_type.endsWith("KL");
      const options = bound
        ? { name: "bound" }
        : learned
          ? { name: "hybrid", weight: loss_type === "MSE" ? 1 / T : 0.001 }
          : { name: "simple" };
      const scale = loss_type === "KL" ? T : 1; // ours is the whole bound's estimate
      const process = processOf(target[model_mean_type], variance[model_var_type]);
      for (const engine of engines) {
        const { each, gradient } = await lossOf(engine, process, target[model_mean_type], options, inputs);
        expectClose(
          each!,
          expected.loss.map((value) => value * scale),
          1e-4,
        );
        expectClose(
          gradient!,
          flat(expected.grad_of_mean_loss_wrt_model_output).map((value) => value * scale),
          1e-4,
        );
      }
    });
});

const batch: Case = {
  t: [1, 40, 99],
  x_start: [0.3, -0.8, 0.9].map((value) => [[[value], [-value]]]),
  noise: [0.5, -1.1, 0.2].map((value) => [[[value], [0.4]]]),
  model_output: [0.1, 0.7, -0.6].map((value) => [[[value], [0.2]]]),
};

it("the bound's two forms have one gradient after the first step: the path from means to noise", async () => {
  for (const variance of ["fixed-small", "fixed-large"] as const) {
    const process = processOf("epsilon", variance);
    const means = await lossOf(engines[0]!, process, "epsilon", { name: "bound", form: "means" }, batch);
    const weighted = await lossOf(engines[0]!, process, "epsilon", { name: "bound", form: "epsilon" }, batch);
    expectClose(weighted.gradient!, means.gradient!, 1e-5);
  }
});

it("the noise form's weights are those of Ho et al. 2020, eq. 12", () => {
  const betas = betasOf(alphaBar);
  const loss = lossFor({ name: "bound", form: "epsilon" }, processOf("epsilon", "fixed-large"), "epsilon");
  for (const t of [1, 50, 99]) {
    const [beta, level] = [betas[t]!, alphaBar[t]!];
    const published = beta ** 2 / (2 * beta * (1 - beta) * (1 - level)); // sigma^2 = beta
    expect((loss.scalars(t).weight! / 100) * Math.LN2).toBeCloseTo(published, 10);
  }
});

it("the bound does not depend on what the output estimates", async () => {
  // one estimate of the clean image, said in four ways
  const clean = [0.2, -0.5, 0.8];
  const results = await Promise.all(
    (["epsilon", "x0", "v", "mean"] as const).map((target) => {
      const process = processOf(target);
      const output = batch.t.map((t, i) => {
        const { x, output } = process.target.clean(alphaBar[t]!);
        return [0, 1].map((k) => {
          const x0 = flat(batch.x_start[i]!)[k]!;
          const xt = Math.sqrt(alphaBar[t]!) * x0 + Math.sqrt(1 - alphaBar[t]!) * flat(batch.noise[i]!)[k]!;
          return [(clean[i]! - x * xt) / output];
        });
      });
      const model_output = output.map((row) => [row]);
      return lossOf(engines[0]!, process, target, { name: "bound" }, { ...batch, model_output });
    }),
  );
  for (const { each } of results) expectClose(each!, results[0]!.each!, 1e-4);
});

describe("min-SNR", () => {
  const weights = (target: TargetName, inputScale = 1) => {
    const loss = lossFor({ name: "min-snr", gamma: 5 }, processOf(target, "fixed-small", inputScale), target);
    return (t: number) => loss.scalars(t).weight!;
  };

  it("weighs each target as Hang et al. 2023 do", () => {
    for (const t of [0, 10, 50, 99]) {
      const ratio = snr(alphaBar[t]!);
      expect(weights("x0")(t)).toBeCloseTo(Math.min(ratio, 5), 10);
      expect(weights("epsilon")(t)).toBeCloseTo(Math.min(ratio, 5) / ratio, 10);
      expect(weights("v")(t)).toBeCloseTo(Math.min(ratio, 5) / (ratio + 1), 10);
    }
  });

  it("bounds the ratio that the process has, input scale included", () => {
    // at b the noise estimate's weight is still min(SNR, gamma) / SNR
    for (const t of [0, 10, 50]) {
      const ratio = snr(alphaBar[t]!, 0.4);
      expect(weights("epsilon", 0.4)(t)).toBeCloseTo(Math.min(ratio, 5) / ratio, 10);
    }
  });
});

it("in the hybrid, the bound reaches the variance alone", async () => {
  const learned = {
    ...batch,
    model_output: [0.1, 0.7, -0.6].map((value) => [
      [
        [value, 0.3],
        [0.2, -0.4],
      ],
    ]),
  };
  const process = processOf("epsilon", "learned-range");
  const gradient = async (weight: number) =>
    (await lossOf(engines[0]!, process, "epsilon", { name: "hybrid", weight }, learned)).gradient!;
  const [light, heavy] = [await gradient(0.001), await gradient(0.1)];
  for (let i = 0; i < light.length; i += 2) expect(heavy[i]).toBe(light[i]);
  for (let i = 1; i < light.length; i += 2) expect(heavy[i]! / light[i]!).toBeCloseTo(100, 2);
});

it("variances lie between beta-tilde and beta, the first replaced by the second", () => {
  const { small, large, fixedLarge } = reverseVariances(alphaBar, 0);
  expect(small).toBe(posteriorAt(alphaBar, 1).variance);
  expect(fixedLarge).toBe(small);
  expect(large).toBeCloseTo(1 - alphaBar[0]!, 12);
  for (const t of [1, 50, 99]) {
    const { small, large } = reverseVariances(alphaBar, t);
    expect(small).toBeLessThan(large);
  }
});

describe("refusals", () => {
  it.each([
    [{ name: "simple" }, "epsilon", "learned-range", /does not train the variance/],
    [{ name: "min-snr" }, "v", "learned-range", /does not train the variance/],
    [{ name: "hybrid" }, "epsilon", "fixed-small", /trains a learned variance/],
    [{ name: "bound", form: "epsilon" }, "x0", "fixed-small", /not of x0/],
    [{ name: "bound", form: "epsilon" }, "epsilon", "learned-range", /needs a fixed variance/],
  ] as const)("%j of %s with %s", (options, target, variance, message) => {
    const make = () => lossFor(objectiveSchema.parse(options), processOf(target, variance), target);
    expect(make).toThrow(expect.objectContaining({ code: "BAD_CONFIG" }));
    expect(make).toThrow(message);
  });

  it("an unknown objective, with the known ones", () => {
    expect(objectiveSchema.safeParse({ name: "huber" }).error?.issues[0]?.message).toBe(
      `known objectives: ${Object.keys(objectives).join(", ")}`,
    );
  });
});
