/**
 * Inpainting by resampling: RePaint, Lugmayr et al. 2022 (arXiv:2201.09865), algorithm 1. At every level the known pixels
 * are those of the image, noised to it; now and then x is noised back and denoised again, so that the hole comes to fit.
 */
import * as tf from "@tensorflow/tfjs-core";
import * as z from "zod";
import { assert, badConfig } from "../../core/errors.ts";
import { type FloatImages, imageSize } from "../../core/images.ts";
import type { Engine, HostTensor, Program } from "../../engine/contract.ts";
import { levels, options, parseConfig } from "../config.ts";
import type { Inpainter, State } from "../contract.ts";
import { scalar } from "../nn/index.ts";
import type { Denoiser } from "./denoiser.ts";
import { forwardProcess } from "./posterior.ts";
import { trajectory } from "./respacing.ts";
import { type Between, compileLoop, drawNoise, streamsOf, updatesOf } from "./sample.ts";
import type { Move } from "./samplers/index.ts";
import type { Method } from "./setting.ts";

export const inpaintingSchema = options({
  sampler: z
    .string()
    .optional()
    .describe(
      "one that remembers nothing from step to step: ddpm (where left out), ddim or euler; a student's own",
    ),
  steps: levels
    .optional()
    .describe("levels from noise to image; 50 where left out, or all that the model has"),
  options: z.record(z.string(), z.unknown()).default({}).describe("of the sampler"),
  jumpLength: levels.default(5).describe("levels that x is noised back by at a time"),
  resamples: levels
    .max(1000)
    .default(5)
    .describe("times that each stretch of jumpLength levels is denoised; 1 for no jumps"),
});

/** A move and the level that x is then noised back to, higher than where the move ended. */
export interface Resampling extends Move {
  readonly back?: number;
}

/** The path of RePaint through the levels: its function get_schedule_jump, levels counted from the image. */
export function resamplingPath(moves: readonly Move[], jumpLength: number, resamples: number): Resampling[] {
  const levels = [...moves.map(({ from }) => from), 1]; // index k: after k moves
  const left = new Map<number, number>();
  for (let above = 1; above + jumpLength <= moves.length; above += jumpLength) left.set(above, resamples - 1);
  const path: Resampling[] = [];
  for (let above = moves.length; above > 0; ) {
    const move = moves[moves.length - above]!;
    above--;
    const again = left.get(above) ?? 0;
    if (again === 0) {
      path.push(move);
      continue;
    }
    left.set(above, again - 1);
    above += jumpLength;
    path.push({ ...move, back: levels[moves.length - above]! });
  }
  return path;
}

/** x <- known pixels of the image at a level, the others noised on: mask 1 where known. */
const blend: Program<string, "x"> = (inputs) => {
  const noise = inputs.noise!;
  const known = tf.add(tf.mul(inputs.image!, inputs.signal!), tf.mul(noise, inputs.spread!));
  const others = tf.add(tf.mul(inputs.x!, inputs.carried!), tf.mul(noise, inputs.fresh!));
  const mask = inputs.mask!;
  return { x: tf.add(tf.mul(known, mask), tf.mul(others, tf.sub(1, mask))) };
};

interface InpaintingRequest {
  readonly denoiser: Denoiser;
  readonly method: Method;
  readonly state: State;
  readonly options: Readonly<Record<string, unknown>>;
  readonly batch: number;
}

/** BAD_CONFIG for options that this denoiser cannot be inpainted with. */
export async function compileInpainter(engine: Engine, request: InpaintingRequest): Promise<Inpainter> {
  const { denoiser, method, batch } = request;
  const { alphaBar, size, channels, inputScale } = denoiser;
  const config = parseConfig("inpainting", inpaintingSchema, request.options);
  const { jumpLength, resamples } = config;
  const { sampler: name = method.usual.sampler, steps = method.usual.steps } = config;
  const { sampler, retained, clipping, guidance } = method.plan({
    sampler: name,
    steps,
    options: config.options,
  });
  const path = resamplingPath(trajectory(alphaBar, retained), jumpLength, resamples);
  const updates = updatesOf(denoiser, sampler, path);
  if (updates.length !== path.length || updates.some(({ keep }) => keep))
    throw badConfig(
      `inpainting.sampler: ${name} carries over from step to step what noising back undoes; use ddpm, ddim or euler`,
    );
  const weights = method.weights(request.state, steps);
  const loop = await compileLoop(engine, { denoiser, weights, updates, clipping, guidance, batch });
  const images = { shape: [batch, size, size, channels] };
  const masks = { shape: [1, size, size, 1] };
  const number = { shape: [] };
  const blending = await engine.compile(`blend-${batch}`, blend, {
    x: images,
    image: images,
    noise: images,
    mask: masks,
    signal: number,
    spread: number,
    carried: number,
    fresh: number,
  });
  const factors = path.map(({ to, back = to }) => {
    const { signal, spread } = forwardProcess(back);
    return {
      signal: scalar(signal),
      spread: scalar(spread),
      carried: scalar(Math.sqrt(back / to)),
      fresh: scalar(Math.sqrt(1 - back / to)),
    };
  });

  return {
    batch,
    networkEvaluations: loop.networkEvaluations,
    async fill(given: FloatImages, mask, stream, firstIndex, asked) {
      const pixels = imageSize(given);
      assert(
        given.count === batch && pixels === size * size * channels,
        "images of the model's size, a batch of them",
      );
      assert(mask.length === size * size, `a mask of ${mask.length} pixels for images of ${size * size}`);
      const knownAt = (index: number) => mask[Math.floor((index % pixels) / channels)] !== 0;
      const streams = streamsOf(stream, firstIndex, batch);
      const known = { ...images, data: given.data.map((x, i) => (knownAt(i) ? x * inputScale : 0)) };
      const mask4: HostTensor = { ...masks, data: mask };
      const noise = { ...images, data: new Float32Array(given.data.length) };
      const between: Between = async (x, update) => {
        if (path[update]!.to === 1) return x; // the end: the known pixels themselves are put in below
        drawNoise(streams, noise.data);
        const { x: next } = await blending.run({ x, image: known, noise, mask: mask4, ...factors[update]! });
        x.dispose();
        return next;
      };
      const filled = await loop.run(streams, asked, between);
      for (let i = 0; i < filled.data.length; i++) if (knownAt(i)) filled.data[i] = given.data[i]!;
      return filled;
    },
    dispose() {
      loop.dispose();
      blending.dispose();
    },
  };
}
