import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rng } from "../../../src/core/rng.ts";
import type { Engine, HostTensor, Program } from "../../../src/engine/contract.ts";
import { createReferenceEngine } from "../../../src/engine/eager/reference.ts";
import { type Tree, valueAndGradients } from "../../../src/engine/ops/index.ts";
import { discriminatorNetwork } from "../../../src/models/gan/networks.ts";
import {
  type AugmentationName,
  augmentationNames,
  diffAugment,
  type PenaltyName,
  penalties,
  spectralNorm,
} from "../../../src/models/gan/regularisers/index.ts";
import { applyTraining, initialise, normal, shapesOf } from "../../../src/models/nn/index.ts";
import { compiledEngine, evaluateOnce } from "../evaluate.ts";
import { expectClose, host } from "../golden.ts";
import { expectGradient } from "../gradients.ts";

let reference: Engine;
let compiled: Engine;
beforeAll(async () => {
  reference = await createReferenceEngine();
  compiled = await compiledEngine();
});
afterAll(() => compiled.dispose());

const noise = (shape: number[], seed: number, scale = 1): HostTensor => ({
  shape,
  data: rng(seed)
    .fillNormal(new Float32Array(shape.reduce((a, b) => a * b)))
    .map((x) => scale * x),
});

const uniform = (count: number): HostTensor => {
  const stream = rng(8);
  return {
    shape: [count, 1, 1, 1],
    data: Float32Array.from({ length: count }, () => stream.uniform()),
  };
};

describe.each(Object.keys(penalties) as PenaltyName[])("penalty %s", (name) => {
  const { penalty } = penalties[name];
  const images = { real: noise([3, 1, 8, 8], 1), fake: noise([3, 1, 8, 8], 2), mix: uniform(3) };

  it("is known for a linear discriminator, whose gradient is its weights", async () => {
    const w = noise([1, 64], 3, 0.3);
    const { value } = await evaluateOnce(
      reference,
      ({ real, fake, mix, w }) => ({
        value: penalty((x) => tf.sum(tf.mul(tf.reshape(x, [3, 64]), w!), 1), {
          real: real as tf.Tensor4D,
          fake: fake as tf.Tensor4D,
          mix: mix!,
        }),
      }),
      { ...images, w },
    );
    const length = Math.hypot(...Array.from(w.data));
    expectClose(value!, [name === "r1" ? length ** 2 / 2 : (length - 1) ** 2], 1e-5);
  });

  it.each(["layer", "none"] as const)(
    "has its gradient in the weights, on both engines (norm %s)",
    async (norm) => {
      const network = discriminatorNetwork({ size: 8, channels: 1, depth: 2 }, 4, norm);
      const parameters = initialise(network.parameters, rng(4)).map((w, i) => w + 0.25 * Math.sin(i * 1.7));
      const program: Program = ({ weights, real, fake, mix }) => {
        const batch = { real: real as tf.Tensor4D, fake: fake as tf.Tensor4D, mix: mix! };
        // parameters that no gradient of the scores depends on, such as the last bias, still need one
        const touched = (values: Tree) => tf.addN(Object.values(values).map((v) => tf.mul(tf.sum(v), 0)));
        const { value, gradient } = valueAndGradients(
          (values) =>
            tf.add(
              penalty((x) => applyTraining(network, values, x, undefined), batch),
              touched(values),
            ) as tf.Scalar,
          weights!,
          shapesOf(network.parameters),
        );
        return { value, gradient };
      };
      const at = (engine: Engine, weights: Float32Array) =>
        evaluateOnce(engine, program, { ...images, weights: { shape: [weights.length], data: weights } });
      const { value, gradient } = await at(reference, parameters);
      const fast = await at(compiled, parameters);
      expectClose(fast.value!, value!, 1e-4);
      expectClose(fast.gradient!, gradient!, 1e-4);
      await expectGradient(
        async (moved) => (await at(compiled, moved)).value![0]!,
        parameters,
        gradient!,
        // LeakyReLU's kinks make the gradient of the scores jump: a short way, along which few are crossed
        { distance: 2e-4, tolerance: 1e-2 },
      );
    },
  );
});

describe("spectral normalisation", () => {
  const specs = {
    "a.filter": { shape: [6, 3, 4, 4], initialise: normal(0, 0.3) },
    "a.bias": { shape: [6], initialise: normal(0, 1) },
    "b.kernel": { shape: [10, 4], initialise: normal(0, 0.5) },
  };
  const norm = spectralNorm(specs);
  const values = Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => [
      name,
      { shape: spec.shape, data: initialise({ [name]: spec }, rng(5)) },
    ]),
  );

  /** Largest singular value, by 2,000 power iterations in float64. */
  function largestSingular(data: ArrayLike<number>, rows: number): number {
    const columns = data.length / rows;
    let v = Array.from({ length: columns }, (_, j) => Math.cos(j));
    let length = 0;
    for (let k = 0; k < 2000; k++) {
      const u = Array.from({ length: rows }, (_, i) =>
        v.reduce((sum, x, j) => sum + data[i * columns + j]! * x, 0),
      );
      const next = v.map((_, j) => u.reduce((sum, x, i) => sum + data[i * columns + j]! * x, 0));
      length = Math.hypot(...next);
      v = next.map((x) => x / length);
    }
    return Math.sqrt(length);
  }

  const iterated = async (steps: number) => {
    let left = norm.initialState(rng(6));
    let normalised: Record<string, Float32Array> = {};
    for (let i = 0; i < steps; i++) {
      const outputs = await evaluateOnce(
        reference,
        ({ left, ...parameters }) => {
          const next = norm.iterate(parameters, left!);
          return { ...norm.normalise(parameters, next.directions), left: next.left };
        },
        { ...values, left },
      );
      left = { shape: left.shape, data: outputs.left! };
      normalised = outputs;
    }
    return normalised;
  };

  it("brings every weight to a largest singular value of 1, and leaves biases alone", async () => {
    const normalised = await iterated(60);
    expect(largestSingular(normalised["a.filter"]!, 6)).toBeCloseTo(1, 4);
    expect(largestSingular(normalised["b.kernel"]!, 10)).toBeCloseTo(1, 4);
    expect(normalised["a.bias"]).toEqual(values["a.bias"]!.data);
    const ratio = values["b.kernel"]!.data[0]! / normalised["b.kernel"]![0]!;
    expect(ratio).toBeCloseTo(largestSingular(values["b.kernel"]!.data, 10), 4);
  });

  it("gets nearer with every step: its state is what carries it on", async () => {
    const afterSteps = async (steps: number) => largestSingular((await iterated(steps))["a.filter"]!, 6);
    const [one, ten] = [await afterSteps(1), await afterSteps(10)];
    expect(one).toBeGreaterThan(1.01); // an estimate from below divides by too little
    expect(Math.abs(ten - 1)).toBeLessThan(Math.abs(one - 1) / 5);
  });
});

describe("DiffAugment", () => {
  const SIZE = 8;
  const batch = (channels: number) => noise([2, channels, SIZE, SIZE], 7, 0.5);
  const apply = async (
    engine: Engine,
    names: readonly AugmentationName[],
    images: HostTensor,
    drawn: Readonly<Record<string, HostTensor>>,
    from = 0,
  ) => {
    const { y } = await evaluateOnce(
      engine,
      ({ images, ...inputs }) => ({
        y: diffAugment(names, SIZE).apply(images as tf.Tensor4D, inputs, from),
      }),
      { images, ...drawn },
    );
    return y!;
  };

  it("moves by whole pixels, down and to the right, and leaves 0 behind", async () => {
    const images = batch(3);
    const moved = await apply(reference, ["translation"], images, {
      augment_shift: host([
        [1, -2],
        [0, 0],
      ]),
    });
    const at = (data: ArrayLike<number>, image: number, c: number, y: number, x: number) =>
      y < 0 || y >= SIZE || x < 0 || x >= SIZE ? 0 : data[((image * 3 + c) * SIZE + y) * SIZE + x]!;
    for (let c = 0; c < 3; c++)
      for (let y = 0; y < SIZE; y++)
        for (let x = 0; x < SIZE; x++) {
          expect(at(moved, 0, c, y, x)).toBeCloseTo(at(images.data, 0, c, y - 1, x + 2), 6);
          expect(at(moved, 1, c, y, x)).toBeCloseTo(at(images.data, 1, c, y, x), 6);
        }
  });

  it("cuts out where rows and columns meet", async () => {
    const images = { shape: [2, 1, SIZE, SIZE], data: new Float32Array(2 * 64).fill(1) };
    const ones = (from: number, to: number) =>
      Array.from({ length: SIZE }, (_, i) => (i >= from && i < to ? 1 : 0));
    const cut = await apply(reference, ["cutout"], images, {
      augment_cut_rows: host([ones(0, 2), ones(4, 8)]),
      augment_cut_columns: host([ones(3, 7), ones(4, 8)]),
    });
    const zeros = (image: number) => cut.slice(image * 64, (image + 1) * 64).filter((x) => x === 0).length;
    expect([zeros(0), zeros(1)]).toEqual([2 * 4, 4 * 4]);
    expect(cut[3]).toBe(0);
    expect(cut[2]).toBe(1);
  });

  it("changes colour about the means, as the paper's code does", async () => {
    const images = batch(3);
    const [brightness, saturation, contrast] = [0.2, 1.6, 0.7];
    const coloured = await apply(reference, ["colour"], images, {
      augment_colour: host([
        [brightness, saturation, contrast],
        [0, 1, 1],
      ]),
    });
    const one = Array.from(images.data.slice(0, 3 * 64), (x) => x + brightness);
    const saturated = one.map((x, i) => {
      const pixel = i % 64;
      const mean = (one[pixel]! + one[64 + pixel]! + one[128 + pixel]!) / 3;
      return mean + (x - mean) * saturation;
    });
    const mean = saturated.reduce((sum, x) => sum + x, 0) / saturated.length;
    expectClose(
      coloured.slice(0, 192),
      saturated.map((x) => mean + (x - mean) * contrast),
      1e-5,
    );
    expectClose(coloured.slice(192), images.data.slice(192), 1e-5);
  });

  it("draws what the paper's code draws, each image its own", () => {
    const { draw, inputs } = diffAugment(augmentationNames, 16);
    const drawn = draw(4000, rng(9));
    expect(Object.keys(drawn)).toEqual(Object.keys(inputs(4000)));
    const column = (name: string, k: number, width: number) =>
      Array.from({ length: 4000 }, (_, i) => drawn[name]!.data[i * width + k]!);
    const range = (values: number[]) => [Math.min(...values), Math.max(...values)];
    const [low, high] = range(column("augment_colour", 0, 3));
    expect([low, high].map((x) => Math.round(x! * 100) / 100)).toEqual([-0.5, 0.5]);
    expect(range(column("augment_colour", 1, 3)).map(Math.round)).toEqual([0, 2]);
    expect(range(column("augment_shift", 0, 2))).toEqual([-2, 2]); // 1/8 of 16
    expect(new Set(column("augment_shift", 1, 2)).size).toBe(5);
    const widths = Array.from({ length: 4000 }, (_, i) =>
      Array.from(drawn.augment_cut_rows!.data.slice(i * 16, (i + 1) * 16)).reduce((sum, x) => sum + x, 0),
    );
    expect(range(widths)).toEqual([4, 8]); // half of 16 where it lies inside, half of that at the rim
  });

  it("takes the rows that its images have in the random tensors", async () => {
    const images = batch(1);
    const { draw } = diffAugment(augmentationNames, SIZE);
    const drawn = draw(6, rng(10));
    const whole = { shape: [6, 1, SIZE, SIZE], data: new Float32Array(6 * 64) };
    whole.data.set(images.data, 3 * 64);
    const all = await apply(reference, augmentationNames, whole, drawn);
    expectClose(await apply(reference, augmentationNames, images, drawn, 3), all.slice(3 * 64, 5 * 64), 1e-6);
  });

  it("passes gradients to the images, on both engines", async () => {
    const images = batch(3);
    const drawn = diffAugment(augmentationNames, SIZE).draw(2, rng(11));
    const program: Program = ({ images, ...inputs }) => {
      const { value, gradient } = valueAndGradients(
        ({ x }) =>
          tf.sum(
            tf.square(diffAugment(augmentationNames, SIZE).apply(x as tf.Tensor4D, inputs, 0)),
          ) as tf.Scalar,
        tf.reshape(images!, [-1]),
        { x: images!.shape },
      );
      return { value, gradient };
    };
    const at = (engine: Engine, data: Float32Array) =>
      evaluateOnce(engine, program, { images: { shape: images.shape, data }, ...drawn });
    const data = images.data as Float32Array;
    const { gradient } = await at(reference, data);
    expectClose((await at(compiled, data)).gradient!, gradient!, 1e-5);
    await expectGradient(async (moved) => (await at(reference, moved)).value![0]!, data, gradient!, {
      distance: 0.1, // the value is a square, so central differences are exact
      tolerance: 1e-3,
    });
  });
});
