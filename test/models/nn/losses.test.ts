import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, it } from "vitest";
import type { Engine } from "../../../src/engine/contract.ts";
import { createReferenceEngine } from "../../../src/engine/eager/reference.ts";
import {
  crossEntropyAgainstOne,
  crossEntropyAgainstZero,
  softmaxCrossEntropy,
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
