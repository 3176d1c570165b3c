import type * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import type { Engine } from "../../../src/engine/contract.ts";
import { createReferenceEngine } from "../../../src/engine/eager/reference.ts";
import {
  adam,
  adamStep,
  averagingShare,
  clipByNorm,
  globalNorm,
  movingAverage,
  scalar,
} from "../../../src/models/nn/index.ts";
import { evaluateOnce } from "../evaluate.ts";
import { expectClose, flat, goldenCase, goldenCases, host } from "../golden.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await createReferenceEngine();
});

describe("optimiser", () => {
  interface AdamInputs {
    lr: number;
    betas: [number, number];
    eps: number;
    params: number[];
    grads_each_step: number[][];
  }
  for (const { name, inputs, expected } of goldenCases<AdamInputs, { params_after_each_step: number[][] }>(
    "unet_blocks",
    /^optim_adam_(b0\.5|b0\.9|big_lr)$/,
  ))
    it(`matches PyTorch: ${name}`, async () => {
      const settings = {
        rate: inputs.lr,
        beta1: inputs.betas[0],
        beta2: inputs.betas[1],
        epsilon: inputs.eps,
      };
      let vectors = {
        parameters: host(inputs.params),
        moment1: host(inputs.params.map(() => 0)),
        moment2: host(inputs.params.map(() => 0)),
      };
      for (const [i, gradient] of inputs.grads_each_step.entries()) {
        const step = adamStep(settings, i + 1);
        const moved = await evaluateOnce(
          engine,
          ({ gradient, stepSize, epsilon, parameters, moment1, moment2 }) => ({
            ...adam(
              {
                parameters: parameters as tf.Tensor1D,
                moment1: moment1 as tf.Tensor1D,
                moment2: moment2 as tf.Tensor1D,
              },
              gradient as tf.Tensor1D,
              { stepSize: stepSize!, epsilon: epsilon! },
              settings,
            ),
          }),
          {
            ...vectors,
            gradient: host(gradient),
            stepSize: scalar(step.stepSize),
            epsilon: scalar(step.epsilon),
          },
        );
        expectClose(moved.parameters!, expected.params_after_each_step[i]!, 1e-6);
        vectors = {
          parameters: host(Array.from(moved.parameters!)),
          moment1: host(Array.from(moved.moment1!)),
          moment2: host(Array.from(moved.moment2!)),
        };
      }
    });

  for (const { name, inputs, expected } of goldenCases<
    { ema: number[]; source_each_step: number[][]; rate: number },
    { ema_after_each_step: number[][] }
  >("unet_blocks", /^ema_/))
    it(`averages: ${name}`, async () => {
      let average = host(inputs.ema);
      for (const [i, source] of inputs.source_each_step.entries()) {
        const { next } = await evaluateOnce(
          engine,
          ({ average, source, share }) => ({
            next: movingAverage(average as tf.Tensor1D, source as tf.Tensor1D, share!),
          }),
          { average, source: host(source), share: scalar(1 - inputs.rate) },
        );
        expectClose(next!, expected.ema_after_each_step[i]!, 1e-6);
        average = host(Array.from(next!));
      }
    });

  it("warms an average up from 2/11 of its past to the decay", () => {
    expect(averagingShare(0.9999, 1)).toBeCloseTo(1 - 2 / 11, 12);
    expect(averagingShare(0.9, 1e6)).toBeCloseTo(0.1, 12);
  });

  it("clips as PyTorch does, and leaves a short gradient alone", async () => {
    const { inputs, expected } = goldenCase<
      { grads: number[][]; max_norm: number },
      { total_norm: number; clipped: number[][] }
    >("unet_blocks", "clip_grad_norm_1");
    const { norm, clipped, same } = await evaluateOnce(
      engine,
      ({ gradient }) => {
        const norm = globalNorm(gradient as tf.Tensor1D);
        return {
          norm,
          clipped: clipByNorm(gradient as tf.Tensor1D, norm, inputs.max_norm),
          same: clipByNorm(gradient as tf.Tensor1D, norm, 100),
        };
      },
      { gradient: host(flat(inputs.grads)) },
    );
    expectClose(norm!, [expected.total_norm], 1e-6);
    expectClose(clipped!, flat(expected.clipped), 1e-6);
    expectClose(same!, flat(inputs.grads), 1e-7);
  });
});
