import type * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rng } from "../../../src/core/rng.ts";
import type { Engine } from "../../../src/engine/contract.ts";
import { createReferenceEngine } from "../../../src/engine/eager/reference.ts";
import { unflatten } from "../../../src/engine/ops/index.ts";
import type { Model, State } from "../../../src/models/contract.ts";
import { createGan } from "../../../src/models/gan/gan.ts";
import { generatorNetwork } from "../../../src/models/gan/networks.ts";
import { applyTraining, channelsLast, shapesOf } from "../../../src/models/nn/index.ts";
import { compiledEngine, evaluateOnce } from "../evaluate.ts";
import { expectClose } from "../golden.ts";
import { shaken, tiny } from "./tiny.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await compiledEngine();
});
afterAll(() => engine.dispose());

const shape = { size: tiny.size, channels: tiny.channels, depth: 2 };
const noLabels: number[] = [];
/** Values of the first map. */
const features = 2 * tiny.generatorWidth * (tiny.size / 4) ** 2;

/** Weights of ordinary size, averaged ones that differ from them, and statistics that belong to neither. */
function moved(model: Model): State {
  const state = shaken(model.initialState(rng(1)));
  const { generator, generator_ema, ...rest } = state;
  const averaged = generator_ema && {
    generator_ema: {
      ...generator!,
      data: generator!.data.map((value, i) => value * (1 + 0.3 * Math.cos(i))),
    },
  };
  return { ...rest, generator: generator!, ...averaged };
}

const settle = (model: Model, state: State, on = engine, labels: ArrayLike<number> = noLabels) =>
  model.settled!(on, state, labels);

describe("standing statistics", () => {
  it("belong to the averaged weights: samples are what training form makes of them", async () => {
    const model = createGan("dcgan", { ...tiny, ema: 0.9 });
    const state = moved(model);
    const network = generatorNetwork(shape, tiny.latent, tiny.generatorWidth);
    const latent = {
      shape: [1000, tiny.latent],
      data: rng(7).fillNormal(new Float32Array(1000 * tiny.latent)),
    };
    const { images: asTrained } = await evaluateOnce(
      engine,
      ({ weights, latent }) => {
        const values = unflatten(weights!, shapesOf(network.parameters));
        return { images: channelsLast(applyTraining(network, values, latent as tf.Tensor2D, undefined)) };
      },
      { weights: state.generator_ema!, latent },
    );
    const distance = async (of: State) => {
      const inputs = { ...model.samplingWeights(of), latent };
      const { images } = await evaluateOnce(engine, model.network.program, inputs);
      return Math.sqrt(images!.reduce((sum, x, i) => sum + (x - asTrained![i]!) ** 2, 0) / images!.length);
    };
    expect(await distance(await settle(model, state))).toBeLessThan(0.02);
    expect(await distance(state)).toBeGreaterThan(0.1);
  });

  it("are those of all latents: behind the first layer the variance of a linear map of normal ones", async () => {
    const model = createGan("dcgan", tiny);
    const state = moved(model);
    const { statistics } = await settle(model, state);
    const { parameters } = generatorNetwork(shape, tiny.latent, tiny.generatorWidth);
    const kernel = state.generator!.data.slice(0, parameters["dense.kernel"]!.shape[0]! * features);
    const channels = 2 * tiny.generatorWidth;
    const expected = Array.from({ length: channels }, (_, channel) => {
      let sum = 0;
      for (let i = 0; i < kernel.length; i++)
        if (Math.floor((i % features) / (features / channels)) === channel) sum += kernel[i]! ** 2;
      return sum / (features / channels);
    });
    const [mean, variance] = [
      statistics!.data.slice(0, channels),
      statistics!.data.slice(channels, 2 * channels),
    ];
    for (const [channel, value] of expected.entries()) {
      expect(Math.abs(variance[channel]! / value - 1)).toBeLessThan(0.1);
      expect(Math.abs(mean[channel]!)).toBeLessThan(5 * Math.sqrt(value / 2000));
    }
  });

  it("follow from the weights alone, and are the same again", async () => {
    const model = createGan("dcgan", { ...tiny, ema: 0.9 });
    const state = moved(model);
    const settled = await settle(model, state);
    expect(await settle(model, settled)).toEqual(settled);
    const changed = Object.keys(state).filter((name) => settled[name] !== state[name]);
    expect(changed).toEqual(["statistics", "statistics_ema"]);
    expect(settled.statistics!.data).not.toEqual(settled.statistics_ema!.data);
    const same = { ...state, generator_ema: state.generator! };
    expect((await settle(model, same)).statistics_ema!.data).toEqual(settled.statistics!.data);
  });

  it("are told labels as frequent as in training", async () => {
    const model = createGan("dcgan", { ...tiny, conditional: true, classes: 2 });
    const state = moved(model);
    const meansOf = async (labels: number[]) =>
      (await settle(model, state, engine, labels)).statistics!.data.slice(0, 2 * tiny.generatorWidth);
    const [zeros, ones, mixed] = [await meansOf([0]), await meansOf([1]), await meansOf([0, 0, 0, 1])];
    const apart = Array.from(zeros, (x, i) => Math.abs(x - ones[i]!));
    const largest = apart.indexOf(Math.max(...apart));
    const share = (mixed[largest]! - zeros[largest]!) / (ones[largest]! - zeros[largest]!);
    expect(share).toBeCloseTo(0.25, 1);
  });

  it("are alike on every engine", async () => {
    const model = createGan("dcgan", { ...tiny, ema: 0.9 });
    const state = moved(model);
    const reference = await createReferenceEngine();
    const [here, there] = [await settle(model, state), await settle(model, state, reference)];
    for (const name of ["statistics", "statistics_ema"])
      expectClose(there[name]!.data as Float32Array, here[name]!.data as Float32Array, 1e-4);
  });
});
