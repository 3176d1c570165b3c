/** Our training loop, run as in any run, with everything written down that another program needs to repeat it. */
import { takeImages, toFloat } from "../../src/core/images.ts";
import { rng } from "../../src/core/rng.ts";
import { type Engine, type HostTensor, sizeOf } from "../../src/engine/contract.ts";
import type { TensorFile } from "../../src/harness/checkpoints/safetensors.ts";
import type { Dataset } from "../../src/harness/datasets/contract.ts";
import { trainModel } from "../../src/harness/stages/shared/training.ts";
import { batches, type Trained } from "../../src/harness/stages/shared/training-loop.ts";
import type { Model, State } from "../../src/models/index.ts";
import { joined, type Layout, named } from "./layout.ts";

export interface Recorded {
  readonly type: "ddpm" | "dcgan";
  readonly model: Model;
  /** Every option, defaults filled in. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly layout: Layout;
}

export interface RecordRequest {
  readonly engine: Engine;
  readonly recorded: Recorded;
  readonly batch: number;
  /** Training images, repeats counted. */
  readonly images: number;
  readonly seed: number;
  readonly dataset: Dataset;
  progress?(done: number, total: number): void;
}

/**
 * Trains, and gives besides the result a file of what went in: `initial/PART/NAME` (weights at the start), `pixels`
 * [count, height, width, channels] in 0..255, `indices` [steps, batch] into them, and `fed/NAME` [steps, ...], every other
 * input of each step: noise, diffusion steps, latents, and the scalars of optimiser and schedule.
 */
export async function recordTraining(
  request: RecordRequest,
): Promise<{ file: TensorFile; trained: Trained }> {
  const { engine, recorded, seed, dataset, progress } = request;
  const { type, model, options, layout } = recorded;
  const pixels = dataset.train.images;
  const configured = { batch: request.batch, images: request.images };
  const order = batches(pixels.count, configured.batch, rng(seed).fold("order"));
  const indices: Uint32Array[] = [];
  const fed: State[] = [];
  let initial: State = {};
  const watched: Model = {
    ...model,
    initialState(...given) {
      initial = model.initialState(...given);
      return initial;
    },
    feed(...given) {
      const { images, ...others } = model.feed(...given);
      const chosen = order.next().value;
      const expected = toFloat(takeImages(pixels, chosen)).data;
      if (!images?.data.every((value, i) => value === expected[i]))
        throw new Error(`step ${fed.length + 1} was fed other images than those of the data's order`);
      indices.push(chosen);
      fed.push(others);
      return { images, ...others };
    },
  };
  const trained = await trainModel({
    context: { engine, progress: ({ done, total }) => progress?.(done, total) },
    id: type,
    model: watched,
    configured,
    seed,
    dataset,
  });
  // after a divergence the loop takes a few steps more, which are no part of the training
  const steps = fed.slice(0, trained.steps);
  const start = Object.entries(named(initial, layout)).filter(([name]) => !name.includes("_ema/"));
  const { data, count, height, width, channels } = pixels;
  const file: TensorFile = {
    metadata: { type, options: JSON.stringify(options) },
    tensors: {
      ...Object.fromEntries(start.map(([name, tensor]) => [`initial/${name}`, tensor])),
      pixels: { shape: [count, height, width, channels], data: Float32Array.from(data) },
      indices: stacked(
        indices.slice(0, trained.steps).map((row) => ({ shape: [row.length], data: Int32Array.from(row) })),
      ),
      ...Object.fromEntries(
        Object.keys(steps[0] ?? {}).map((name) => [`fed/${name}`, stacked(steps.map((step) => step[name]!))]),
      ),
    },
  };
  return { file, trained };
}

/** Tensors of one shape, one after another: [count, ...shape]. */
function stacked(tensors: readonly HostTensor[]): HostTensor {
  const { shape, data } = tensors[0]!;
  const size = sizeOf(shape);
  const length = tensors.length * size;
  const all = data instanceof Int32Array ? new Int32Array(length) : new Float32Array(length);
  for (const [i, tensor] of tensors.entries()) all.set(tensor.data, i * size);
  return { shape: [tensors.length, ...shape], data: all };
}

/** The weights that a recorded training started from, in our vectors, without averages, which start as what they average. */
export function startOf({ tensors }: Pick<TensorFile, "tensors">, layout: Layout): State {
  const prefix = "initial/";
  const start = Object.entries(tensors).filter(([name]) => name.startsWith(prefix));
  return joined(
    Object.fromEntries(start.map(([name, tensor]) => [name.slice(prefix.length), tensor])),
    layout,
  );
}

/** What a recorded step was fed, step 0 being the first, from the file alone. */
export function fedAt({ tensors }: Pick<TensorFile, "tensors">, step: number): State {
  const row = ({ shape: [, ...shape], data }: HostTensor): HostTensor => {
    const size = sizeOf(shape);
    return { shape, data: data.slice(step * size, (step + 1) * size) };
  };
  const { pixels, indices } = tensors;
  const axis = (i: number) => pixels!.shape[i]!;
  const [height, width, channels] = [axis(1), axis(2), axis(3)];
  const images = { data: Uint8Array.from(pixels!.data), count: axis(0), height, width, channels };
  const chosen = row(indices!).data;
  const fed = Object.entries(tensors).filter(([name]) => name.startsWith("fed/"));
  return {
    images: {
      shape: [chosen.length, height, width, channels],
      data: toFloat(takeImages(images, chosen)).data,
    },
    ...Object.fromEntries(fed.map(([name, tensor]) => [name.slice("fed/".length), row(tensor)])),
  };
}
