import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import type { Engine } from "../../../src/engine/contract.ts";
import { createReferenceEngine } from "../../../src/engine/eager/reference.ts";
import {
  crossEntropyAgainstOne,
  crossEntropyAgainstZero,
  softmaxCrossEntropy,
  timeEmbedding,
  timeEmbeddingOf,
} from "../../../src/models/nn/index.ts";
import { evaluateOnce } from "../evaluate.ts";
import { expectClose, goldenCases, host } from "../golden.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await createReferenceEngine();
});

describe("losses", () => {
  interface Logits {
    logits: number[];
    targets: number[];
  }
  for (const [pattern, loss] of [
    [/^bce_logits_ones_mean$/, crossEntropyAgainstOne],
    [/^bce_logits_zeros_mean$/, crossEntropyAgainstZero],
  ] as const)
    for (const { name, inputs, expected } of goldenCases<Logits, { loss: number; dlogits: number[] }>(
      "unet_blocks",
      pattern,
    ))
      it(`matches PyTorch with its gradient: ${name}`, async () => {
        const { value, gradient } = await evaluateOnce(
          engine,
          ({ logits }) => {
            const { value, grad } = tf.valueAndGrad((x) => loss(x as tf.Tensor1D))(logits!);
            return { value, gradient: grad };
          },
          { logits: host(inputs.logits) },
        );
        expectClose(value!, [expected.loss], 1e-6);
        expectClose(gradient!, expected.dlogits, 1e-6);
      });

  for (const { inputs, expected } of goldenCases<
    { logits: number[][]; targets: number[] },
    { loss: number; dlogits: number[][] }
  >("unet_blocks", /^softmax_cross_entropy$/))
    it("matches PyTorch's softmax cross-entropy with its gradient", async () => {
      const targets = inputs.targets.map((label) => inputs.logits[0]!.map((_, k) => (k === label ? 1 : 0)));
      const { value, gradient } = await evaluateOnce(
        engine,
        ({ logits, targets }) => {
          const loss = (x: tf.Tensor) => softmaxCrossEntropy(x as tf.Tensor2D, targets as tf.Tensor2D);
          const { value, grad } = tf.valueAndGrad(loss)(logits!);
          return { value, gradient: grad };
        },
        { logits: host(inputs.logits), targets: host(targets) },
      );
      expectClose(value!, [expected.loss], 1e-6);
      expectClose(gradient!, expected.dlogits.flat(), 1e-6);
    });
});

describe("time embedding", () => {
  interface Inputs {
    t: number[];
    dim: number;
    max_period: number;
  }
  // the golden puts cosines first
  const cosinesFirst = (row: Float32Array | Float64Array) => [
    ...row.subarray(row.length / 2),
    ...row.subarray(0, row.length / 2),
  ];
  for (const { name, inputs, expected } of goldenCases<Inputs, { embedding: number[][] }>(
    "time_embedding",
    /^improved/,
  ))
    it(`has the published frequencies on host and engine: ${name}`, async () => {
      const { t, dim, max_period } = inputs;
      const whole = t.every(Number.isInteger);
      const { embedding } = whole
        ? await evaluateOnce(
            engine,
            ({ t }) => ({ embedding: timeEmbedding(t as tf.Tensor1D, 1000, dim, max_period) }),
            { t: host(t) },
          )
        : {};
      for (const [i, step] of t.entries()) {
        expectClose(cosinesFirst(timeEmbeddingOf(step, dim, max_period)), expected.embedding[i]!, 1e-12);
        if (!embedding) continue; // fractions of a step have no row in the table
        const row = embedding.subarray(i * dim, (i + 1) * dim);
        expectClose(cosinesFirst(row), expected.embedding[i]!, 1e-7); // the table is float64 until stored
      }
    });

  it("tells all of a thousand steps apart", () => {
    const seen = new Set(
      Array.from({ length: 1000 }, (_, t) => timeEmbeddingOf(t, 16).map(Math.fround).join()),
    );
    expect(seen.size).toBe(1000);
  });
});
