import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FloatImages } from "../../../src/core/images.ts";
import { rng } from "../../../src/core/rng.ts";
import { mean } from "../../../src/core/statistics/index.ts";
import type { Engine } from "../../../src/engine/contract.ts";
import type { Asked } from "../../../src/models/contract.ts";
import type { Denoiser } from "../../../src/models/diffusion/denoiser.ts";
import { resamplingPath } from "../../../src/models/diffusion/inpainting.ts";
import { trajectory } from "../../../src/models/diffusion/respacing.ts";
import { samplingOf } from "../../../src/models/diffusion/sampling.ts";
import { compiledEngine } from "../evaluate.ts";
import { expectClose } from "../golden.ts";
import { correlatedPixels, cosineLevels, denoiserOf, noWeights } from "./denoisers.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await compiledEngine();
});
afterAll(() => engine.dispose());

const state = { weights: noWeights };
const RHO = 0.8;
const denoiser = correlatedPixels(RHO, cosineLevels(200));
const { inpainter } = samplingOf(denoiser);
const images = (count: number, pixels: readonly number[]): FloatImages => ({
  data: Float32Array.from({ length: 4 * count }, (_, i) => pixels[i % 4]!),
  count,
  height: 2,
  width: 2,
  channels: 1,
});
const mask = Float32Array.of(1, 0, 0, 0);

describe("the path", () => {
  it("is the published one: levels from 5 down, two back at 1 and at 3, each twice", () => {
    const alphaBar = cosineLevels(5);
    const moves = trajectory(alphaBar, [0, 1, 2, 3, 4]);
    const levelAbove = (level: number) => (level === 1 ? 0 : alphaBar.indexOf(level) + 1);
    const path = resamplingPath(moves, 2, 2).map(({ from, to, back = to }) =>
      [from, to, back].map(levelAbove),
    );
    // RePaint's get_schedule_jump(t_T=5, jump_length=2, jump_n_sample=2) visits t 4 3 2 3 4 3 2 1 0 1 2 1 0 -1
    expect(path).toEqual([
      [5, 4, 4],
      [4, 3, 5],
      [5, 4, 4],
      [4, 3, 3],
      [3, 2, 2],
      [2, 1, 3],
      [3, 2, 2],
      [2, 1, 1],
      [1, 0, 0],
    ]);
  });

  it("without jumps is the trajectory", () => {
    const moves = trajectory(cosineLevels(9), [0, 3, 8]);
    expect(resamplingPath(moves, 1, 1)).toEqual(moves);
    expect(resamplingPath(moves, 10, 10)).toEqual(moves); // no stretch is as long
  });
});

describe("inpainting", () => {
  it("keeps the known pixels exactly and never reads the hole", async () => {
    const made = await inpainter(engine, state, { steps: 10, resamples: 2 }, 3);
    const clean = await made.fill(images(3, [0.37, 0, 0, 0]), mask, rng(1), 0);
    for (let i = 0; i < 3; i++) expect(clean.data[4 * i]).toBe(Math.fround(0.37));
    const junk = await made.fill(images(3, [0.37, Number.NaN, 9, -9]), mask, rng(1), 0);
    expect(junk.data).toEqual(clean.data);
    const one = await inpainter(engine, state, { steps: 10, resamples: 2 }, 1);
    const second = await one.fill(images(1, [0.37, 0, 0, 0]), mask, rng(1), 1);
    for (let i = 0; i < 4; i++) expect(second.data[i]).toBeCloseTo(clean.data[4 + i]!, 5);
  });

  it("fills the hole by what is known, and the better the more often it resamples", async () => {
    const known = 0.8;
    const filled = async (resamples: number) => {
      const options = { steps: 25, resamples, jumpLength: 5, options: { clipping: "none" } };
      const made = await inpainter(engine, state, options, 1000);
      expect(made.networkEvaluations).toBe(25 + 5 * 4 * (resamples - 1));
      const { data } = await made.fill(images(1000, [known, 0, 0, 0]), mask, rng(2), 0);
      made.dispose();
      return mean(data.filter((_, i) => i % 4 !== 0));
    };
    const ideal = RHO * known; // E[x_j | x_i] of standard normals with correlation rho
    const [once, often] = [await filled(1), await filled(8)];
    expect(Math.abs(often - ideal)).toBeLessThan(0.15);
    expect(Math.abs(often - ideal)).toBeLessThan(Math.abs(once - ideal) / 2);
  });

  it("asks for no label where it is to, which is the network's own number for none, with guidance too", async () => {
    // epsilon = x + 0.1 label, labels 0..2, 3 for none; the other network adds 0.3 whatever it is asked for
    const shifted = (by: (labels: tf.Tensor1D) => tf.Tensor, parts: Partial<Denoiser> = {}) =>
      samplingOf(
        denoiserOf({
          classes: 3,
          predict: (_w, x, _t, labels) => tf.add(x, tf.reshape(by(labels!), [-1, 1, 1, 1])),
          ...parts,
        }),
      );
    const told = shifted((labels) => tf.mul(tf.cast(labels, "float32"), 0.1));
    const none = shifted((labels) => tf.add(tf.mul(tf.cast(labels, "float32"), 0), 0.3));
    const fill = async (of: typeof told, asked: Asked, guidance = 0) => {
      const options = { sampler: "ddim", steps: 5, resamples: 1, options: { guidance } };
      const made = await of.inpainter(engine, state, options, 2);
      const { data } = await made.fill(images(2, [0.5, 0, 0, 0]), mask, rng(4), 0, asked);
      made.dispose();
      return data;
    };
    const unlabelled = await fill(told, "no label");
    expectClose(unlabelled, await fill(none, [1, 2]), 1e-6);
    expectClose(await fill(told, "no label", 2), unlabelled, 1e-5);
    expect(await fill(told, [1, 2])).not.toEqual(unlabelled);
    const always = shifted((labels) => tf.cast(labels, "float32"), { knowsNoLabel: false });
    await expect(fill(always, "no label")).rejects.toThrow(/has never seen/);
    await expect(fill(samplingOf(denoiser), "no label")).rejects.toThrow(/only to one/);
  });

  it.each([
    [{ sampler: "heun" }, /heun carries over/],
    [{ sampler: "dpm-solver" }, /dpm-solver carries over/],
    [{ steps: 201 }, /1 to 200 steps/],
    [
      { jumps: 3 },
      /inpainting: unknown option "jumps"; known: sampler, steps, options, jumpLength, resamples/,
    ],
    [{ resamples: 0 }, /inpainting\.resamples/],
    [{ options: { eta: 1 } }, /ddpm: unknown option "eta"/],
  ])("refuses %j", async (options, message) => {
    await expect(inpainter(engine, state, options, 1)).rejects.toMatchObject({
      code: "BAD_CONFIG",
      message: expect.stringMatching(message),
    });
  });
});
