import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { rng } from "../../../src/core/rng.ts";
import type { Engine } from "../../../src/engine/contract.ts";
import { createReferenceEngine } from "../../../src/engine/eager/reference.ts";
import { unflatten } from "../../../src/engine/ops/index.ts";
import { drawFactors, dropout, dropoutFactors, dropoutFrom } from "../../../src/models/diffusion/dropout.ts";
import { unet } from "../../../src/models/diffusion/unet.ts";
import { applyEvaluation, initialise, shapesOf } from "../../../src/models/nn/index.ts";
import { compiledEngine, evaluateOnce } from "../evaluate.ts";
import { host } from "../golden.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await createReferenceEngine();
});

describe("dropout", () => {
  const [batch, channels, size, rate] = [40, 16, 8, 0.3];
  const total = dropoutFactors(channels, size);
  const masks = async (on: Engine) => {
    const { y } = await evaluateOnce(
      on,
      ({ factors }) => ({
        y: dropout(tf.ones([batch, channels, size, size]), dropoutFrom(factors as tf.Tensor2D, rate)),
      }),
      { factors: { shape: [batch, total], data: drawFactors(rng(7), batch * total) } },
    );
    return y!;
  };

  it("drops at the rate, scales the rest, and drops the same on every engine", async () => {
    const y = await masks(engine);
    const fast = await compiledEngine();
    expect(await masks(fast)).toEqual(y);
    await fast.dispose();
    expect(new Set(y)).toEqual(new Set([0, Math.fround(1 / (1 - rate))]));
    const dropped = y.filter((value) => value === 0).length / y.length;
    expect(Math.abs(dropped - rate)).toBeLessThan(0.015);
  });

  it("drops any two values independently: across positions, channels and images", async () => {
    const y = await masks(engine);
    const at = (image: number, channel: number, position: number) =>
      y[(image * channels + channel) * 64 + position] === 0 ? 1 : 0;
    const correlation = (shift: (i: number, c: number, p: number) => number) => {
      let [both, count] = [0, 0];
      for (let i = 0; i < batch - 1; i++)
        for (let c = 0; c < channels - 1; c++)
          for (let p = 0; p < 63; p++) {
            both += (at(i, c, p) - rate) * (shift(i, c, p) - rate);
            count++;
          }
      return both / count / (rate * (1 - rate));
    };
    for (const shift of [
      (i: number, c: number, p: number) => at(i, c, p + 1),
      (i: number, c: number, p: number) => at(i, c + 1, p),
      (i: number, c: number, p: number) => at(i, c + 1, p + 1),
      (i: number, c: number, p: number) => at(i + 1, c, p),
    ])
      expect(Math.abs(correlation(shift))).toBeLessThan(0.03);
  });

  it("asks for as many factors as its blocks take, and drops nothing without them", async () => {
    const config = {
      size: 8,
      channels: 1,
      timesteps: 10,
      base: 8,
      multipliers: [1, 2],
      blocks: 1,
      attention: [],
      dropout: 0.5,
      zeroInitialised: false,
    };
    const network = unet(config);
    // 8 and 16 channels at 8 and 4 pixels: down, two in the middle, two up per level
    expect(network.dropoutFactors).toBe(8 + 64 + (16 + 16) + 2 * (16 + 16) + 2 * (16 + 16) + 2 * (8 + 64));
    expect(unet({ ...config, dropout: 0 }).dropoutFactors).toBe(0);
    const shapes = shapesOf(network.parameters);
    const values = initialise(network.parameters, rng(1));
    const run = (factors: boolean, seed = 1) =>
      evaluateOnce(
        engine,
        ({ flat, x, t, dropout }) => ({
          y: applyEvaluation(network, unflatten(flat!, shapes), x as tf.Tensor4D, {
            t: t as tf.Tensor1D,
            dropout: dropout as tf.Tensor2D | undefined,
          }),
        }),
        {
          flat: { shape: [values.length], data: values },
          x: { shape: [1, 1, 8, 8], data: rng(2).fillNormal(new Float32Array(64)) },
          t: host([3]),
          ...(factors
            ? {
                dropout: {
                  shape: [1, network.dropoutFactors],
                  data: drawFactors(rng(seed), network.dropoutFactors),
                },
              }
            : {}),
        },
      );
    const plain = await run(false);
    expect(await run(false)).toEqual(plain);
    expect(await run(true)).not.toEqual(plain);
    expect(await run(true, 1)).toEqual(await run(true, 1));
    expect(await run(true, 1)).not.toEqual(await run(true, 2));
  });
});
