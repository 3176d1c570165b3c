/**
 * Inpainting by search in the latent space (Bora et al. 2017, arXiv:1703.03208, section 3; for holes Yeh et al. 2017,
 * arXiv:1607.07539): the latent whose image agrees with the known pixels fills the hole. Trained for nothing of the sort,
 * a generator can do no better, which is what the comparison shows.
 */
import * as tf from "@tensorflow/tfjs-core";
import { assert } from "../../core/errors.ts";
import { checkImages, type FloatImages, imageSize } from "../../core/images.ts";
import type { Engine, HostTensor, Program, Signature, Value } from "../../engine/contract.ts";
import { nonNegative, options, parseConfig, positive, whole } from "../config.ts";
import type { Inpainter, State } from "../contract.ts";
import { adam, adamStep, scalar } from "../nn/index.ts";
import { type GeneratorProgram, labelInput, latents } from "./sampling.ts";

/** Defaults are those of Bora et al. for a DCGAN, with fewer steps. */
export const latentSearchSchema = options({
  steps: whole.default(200).describe("Adam steps on a latent"),
  rate: positive.default(0.1).describe("Adam's step size"),
  restarts: whole.default(2).describe("starts; the latent that fits the known pixels best is taken"),
  prior: nonNegative.default(1e-3).describe("weight of |z|^2 beside the squared error of known pixels"),
});

const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
const MOVING = ["latent", "moment1", "moment2"] as const;

/** The search's two programs for so many `rows`, and their signature: a step of Adam on every latent, and the end. */
function searchPrograms(generator: GeneratorProgram, rows: number, prior: number) {
  const { size, channels } = generator;
  const values = size * size * channels;
  /** Squared error of every row's known pixels: [rows]. */
  const misfit = (inputs: Readonly<Record<string, tf.Tensor>>, at: tf.Tensor) => {
    const { images } = generator.program({ ...inputs, latent: at });
    const difference = tf.mul(tf.sub(tf.reshape(images, [rows, values]), inputs.target!), inputs.mask!);
    return { images, error: tf.sum(tf.square(difference), 1) };
  };
  const search: Program = (inputs) => {
    const position = inputs.latent as tf.Tensor1D;
    // rows do not see each other: the gradient of the sum is each row's own
    const gradient = tf.grad((at) =>
      tf.add(tf.sum(misfit(inputs, at).error), tf.mul(tf.sum(tf.square(at)), prior)),
    )(position) as tf.Tensor1D;
    const { parameters, moment1, moment2 } = adam(
      {
        parameters: position,
        moment1: inputs.moment1 as tf.Tensor1D,
        moment2: inputs.moment2 as tf.Tensor1D,
      },
      gradient,
      { stepSize: inputs.step_size!, epsilon: inputs.epsilon! },
      ADAM,
    );
    return { latent: parameters, moment1, moment2 };
  };
  const finish: Program<string, "images" | "error"> = (inputs) => misfit(inputs, inputs.latent!);
  const signature: Signature = {
    ...generator.signature(rows),
    target: { shape: [rows, values] },
    mask: { shape: [1, values] },
  };
  return { search, finish, signature };
}

/** Rows of the search are images times restarts: restart r of image i is row r * batch + i. */
export async function compileLatentSearch(
  engine: Engine,
  generator: GeneratorProgram,
  weights: State,
  given: Readonly<Record<string, unknown>>,
  batch: number,
): Promise<Inpainter> {
  const { steps, rate, restarts, prior } = parseConfig("inpainting", latentSearchSchema, given);
  const { size, channels, latent } = generator;
  const rows = batch * restarts;
  const { search, finish, signature } = searchPrograms(generator, rows, prior);
  const moment = { shape: [rows, latent] };
  const scalarSpec = { shape: [] };
  const searching = await engine.compile(
    `search-${rows}`,
    search,
    { ...signature, moment1: moment, moment2: moment, step_size: scalarSpec, epsilon: scalarSpec },
    { constants: weights },
  );
  const finishing = await engine.compile(`search-end-${rows}`, finish, signature, { constants: weights });

  async function searchLatents(fixed: Record<string, HostTensor>, start: HostTensor) {
    let at: Record<string, HostTensor | Value> = {
      latent: start,
      moment1: { ...moment, data: new Float32Array(start.data.length) },
      moment2: { ...moment, data: new Float32Array(start.data.length) },
    };
    const release = () => {
      for (const value of Object.values(at)) if ("dispose" in value) value.dispose();
    };
    for (let step = 1; step <= steps; step++) {
      const { stepSize, epsilon } = adamStep({ rate, ...ADAM }, step);
      const scalars = { step_size: scalar(stepSize), epsilon: scalar(epsilon) };
      const moved = await searching.run({ ...fixed, ...at, ...scalars });
      release();
      at = Object.fromEntries(MOVING.map((name) => [name, moved[name]!]));
    }
    const { images, error } = await finishing.run({ ...fixed, latent: at.latent! });
    release();
    const found = { images: await images.read(), error: await error.read() };
    images.dispose();
    error.dispose();
    return found;
  }

  return {
    batch,
    // a step is a pass forward and one backward; the last pass makes the images
    networkEvaluations: restarts * (3 * steps + 1),
    async fill(images, mask, stream, firstIndex, asked) {
      checkImages(images, "inpainting");
      assert(images.count === batch, `inpainting is compiled for ${batch} images, not ${images.count}`);
      assert(mask.length === size * size, `a mask of ${size * size} pixels, not ${mask.length}`);
      const wide = Float32Array.from({ length: mask.length * channels }, (_, k) =>
        mask[Math.floor(k / channels)] === 0 ? 0 : 1,
      );
      const target = new Float32Array(rows * wide.length);
      for (let i = 0; i < target.length; i++) {
        const k = i % wide.length;
        if (wide[k] === 1) target[i] = images.data[i % images.data.length]!; // the hole is never read
      }
      assert(asked !== "no label", "a generator that was always told its label cannot do without");
      const again = asked && Array.from({ length: rows }, (_, row) => asked[row % batch]!);
      const fixed = {
        target: { shape: [rows, wide.length], data: target },
        mask: { shape: [1, wide.length], data: wide },
        ...labelInput(generator, again, rows),
      };
      const streams = Array.from({ length: rows }, (_, row) =>
        stream.fold(firstIndex + (row % batch)).fold(Math.floor(row / batch)),
      );
      const found = await searchLatents(fixed, latents(streams, latent));
      return composed(images, wide, found, restarts);
    },
    dispose() {
      searching.dispose();
      finishing.dispose();
    },
  };
}

/** Known values as given, missing ones from the restart that fits the known ones best. */
function composed(
  images: FloatImages,
  known: Float32Array,
  found: { images: ArrayLike<number>; error: ArrayLike<number> },
  restarts: number,
): FloatImages {
  const data = new Float32Array(images.data.length);
  const width = imageSize(images);
  for (let i = 0; i < images.count; i++) {
    let best = i;
    for (let r = 1; r < restarts; r++) {
      const row = r * images.count + i;
      if (found.error[row]! < found.error[best]!) best = row;
    }
    for (let k = 0; k < width; k++)
      data[i * width + k] = known[k] === 1 ? images.data[i * width + k]! : found.images[best * width + k]!;
  }
  return { ...images, data };
}
