import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FloatImages } from "../../../src/core/images.ts";
import { type Rng, rng } from "../../../src/core/rng.ts";
import type { Engine } from "../../../src/engine/contract.ts";
import { createReferenceEngine } from "../../../src/engine/eager/reference.ts";
import type { Denoiser } from "../../../src/models/diffusion/denoiser.ts";
import { priorBits, variationalBound } from "../../../src/models/diffusion/likelihood.ts";
import { reverseVariances } from "../../../src/models/diffusion/posterior.ts";
import { alphaBarFor, alphaBarOf, scheduleSchema } from "../../../src/models/diffusion/schedules/index.ts";
import { targets } from "../../../src/models/diffusion/targets/index.ts";
import { compiledEngine } from "../evaluate.ts";
import { expectClose, flat, goldenCase, goldenCases, type Nested } from "../golden.ts";

const engines: Engine[] = [];
beforeAll(async () => {
  engines.push(await createReferenceEngine(), await compiledEngine());
});
afterAll(() => Promise.all(engines.map((engine) => engine.dispose())));

/** [n][height][width][channels]. */
function imagesOf(nested: Nested[]): FloatImages {
  const [image] = nested as number[][][][];
  const [height, width, channels] = [image!.length, image![0]!.length, image![0]![0]!.length];
  return { data: Float32Array.from(flat(nested)), count: nested.length, height, width, channels };
}

/** Streams whose fold i hands out the recorded draws of image i, one call after another. */
function recorded(draws: readonly (readonly number[])[][]): Rng {
  const of = (image: number): Rng => {
    const queue = draws.map((step) => step[image]!);
    return {
      fillNormal(out: Float32Array, from: number) {
        out.set(queue.shift()!, from);
        return out;
      },
    } as unknown as Rng;
  };
  return { fold: (i: number) => of(i) } as unknown as Rng;
}

const nothing = { shape: [1], data: new Float32Array(1) };

describe("published bounds", () => {
  interface Inputs {
    T: number;
    betas: number[];
    x_start: Nested[];
    noise_in_call_order_t_descending: Nested[][];
    model: { a: number; b: number };
    model_var_type: "FIXED_SMALL" | "FIXED_LARGE" | "LEARNED_RANGE";
    clip_denoised: boolean;
  }
  const variance = {
    FIXED_SMALL: "fixed-small",
    FIXED_LARGE: "fixed-large",
    LEARNED_RANGE: "learned-range",
  } as const;
  for (const { name, inputs, expected } of goldenCases<
    Inputs,
    { total_bpd: number[]; prior_bpd: number[]; vb: number[][] }
  >("losses", /^calc_bpd_loop/))
    it(name, async () => {
      const images = imagesOf(inputs.x_start);
      const { a, b } = inputs.model;
      const denoiser: Denoiser = {
        size: images.height,
        channels: images.channels,
        classes: 0,
        alphaBar: alphaBarOf(inputs.betas),
        inputScale: 1,
        target: targets.epsilon,
        variance: variance[inputs.model_var_type],
        weightCount: 1,
        predict(_, x, t) {
          const epsilon = tf.tanh(tf.add(tf.mul(x, a), tf.mul(tf.sin(t), b))) as tf.Tensor4D;
          if (inputs.model_var_type !== "LEARNED_RANGE") return epsilon;
          const share = tf.tanh(tf.sub(tf.mul(x, 0.3), tf.mul(tf.cos(t), 0.2))) as tf.Tensor4D;
          return tf.concat([epsilon, share], 3);
        },
      };
      const draws = inputs.noise_in_call_order_t_descending.map((step) => step.map(flat));
      expect(engines.length).toBe(2);
      for (const engine of engines) {
        const { prior, terms } = await variationalBound(engine, {
          denoiser,
          weights: nothing,
          images,
          stream: recorded(draws),
          batch: 2,
          clip: inputs.clip_denoised,
        });
        expectClose(prior, expected.prior_bpd, 1e-9);
        for (const [i, row] of terms.entries()) {
          expectClose(row, expected.vb[i]!.toReversed(), 1e-4); // published from the last step to the first
          const total = row.reduce((sum, term) => sum + term, prior[i]!);
          expect(total / expected.total_bpd[i]!).toBeCloseTo(1, 4);
        }
      }
    });

  it("prior_bpd", () => {
    const { inputs, expected } = goldenCase<{ T: number; x_start: Nested[] }, { prior_bpd: number[] }>(
      "losses",
      "prior_bpd",
    );
    const alphaBar = alphaBarFor(inputs.T, scheduleSchema.parse({ name: "linear", scaled: true }));
    expectClose(priorBits({ alphaBar, inputScale: 1 }, imagesOf(inputs.x_start)), expected.prior_bpd, 1e-6);
  });
});

describe("laws", () => {
  const deviation = 0.25;

  /** The ideal denoiser of pixels from N(0, deviation^2): E[x_0 | x_t], process scaled by b. */
  const ideal = ({ steps = 20, inputScale = 1 } = {}): Denoiser => {
    // noise finer than a grey level would cost bits that no image holds
    const alphaBar = alphaBarFor(steps, scheduleSchema.parse({ name: "cosine-logsnr", logSnrMax: 9 }));
    const power = (inputScale * deviation) ** 2;
    const gains = Array.from(alphaBar, (level) => (Math.sqrt(level) * power) / (level * power + 1 - level));
    return {
      size: 2,
      channels: 1,
      classes: 0,
      alphaBar,
      inputScale,
      target: targets.x0,
      variance: "fixed-small",
      weightCount: 1,
      predict: (_, x, t) => tf.mul(x, tf.gather(tf.tensor1d(gains), tf.cast(t, "int32"))),
    };
  };

  const pixels = (count: number): FloatImages => {
    const data = rng(1).fillNormal(new Float32Array(count * 4));
    return {
      data: data.map((z) => Math.round((deviation * z + 1) * 127.5) / 127.5 - 1),
      count,
      height: 2,
      width: 2,
      channels: 1,
    };
  };
  const total = async (denoiser: Denoiser, images: FloatImages, batch = 64) => {
    const { prior, terms } = await variationalBound(engines[1]!, {
      denoiser,
      weights: nothing,
      images,
      stream: rng(2),
      batch,
    });
    return Array.from(prior, (value, i) => terms[i]!.reduce((sum, term) => sum + term, value));
  };
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;

  it("is that of an ideal denoiser of normal data in closed form, above the entropy", async () => {
    const { alphaBar } = ideal();
    const snr = Array.from(alphaBar, (level) => level / (1 - level));
    const left = snr.map((ratio) => 1 / (1 / deviation ** 2 + ratio)); // variance of x_0 given x_t
    const between = left
      .slice(1)
      .reduce((sum, variance, i) => sum + 0.5 * (snr[i]! - snr[i + 1]!) * variance, 0);
    const { small } = reverseVariances(alphaBar, 0);
    const grey = Math.log(127.5); // a density's nats become those of grey levels 1/127.5 apart
    const decoder = 0.5 * Math.log(2 * Math.PI * small) + left[0]! / (2 * small) + grey;
    const last = alphaBar.at(-1)!;
    const prior = 0.5 * (last * deviation ** 2 - last - Math.log1p(-last));
    const expected = (prior + between + decoder) / Math.LN2;
    const entropy = (0.5 * Math.log(2 * Math.PI * Math.E * deviation ** 2) + grey) / Math.LN2;
    expect(expected).toBeGreaterThan(entropy);
    expect(Math.abs(mean(await total(ideal(), pixels(4096), 512)) - expected)).toBeLessThan(0.03);
  });

  it("worsens with a worse denoiser", async () => {
    const images = pixels(64);
    const good = ideal();
    const bad: Denoiser = { ...good, predict: (w, x, t) => tf.mul(good.predict(w, x, t), 0.7) };
    expect(mean(await total(bad, images))).toBeGreaterThan(mean(await total(good, images)) + 0.1);
  });

  it("does not depend on the batch", async () => {
    const images = pixels(7);
    expectClose(
      await total(ideal({ inputScale: 0.5 }), images, 3),
      await total(ideal({ inputScale: 0.5 }), images, 7),
      1e-5,
    );
  });

  it("has its prior at 0 where the last step holds no signal, and all of it where it holds all", () => {
    const [image] = [{ ...pixels(1), data: new Float32Array(4).fill(0.5) }];
    const prior = (level: number, inputScale = 1) =>
      priorBits({ alphaBar: Float64Array.of(level), inputScale }, image!)[0]!;
    expect(prior(1e-12)).toBeCloseTo(0, 10);
    // KL(N(0.5 sqrt(a) b, 1 - a) || N(0, 1)) in bits
    const kl = (a: number, b: number) => 0.5 * (a * (0.5 * b) ** 2 + (1 - a) - 1 - Math.log(1 - a));
    expect(prior(0.5)).toBeCloseTo(kl(0.5, 1) / Math.LN2, 12);
    expect(prior(0.5, 0.3)).toBeCloseTo(kl(0.5, 0.3) / Math.LN2, 12);
  });
});
