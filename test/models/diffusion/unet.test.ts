import type * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { rng } from "../../../src/core/rng.ts";
import type { Engine } from "../../../src/engine/contract.ts";
import { createReferenceEngine } from "../../../src/engine/eager/reference.ts";
import { unflatten } from "../../../src/engine/ops/index.ts";
import { type UnetConfig, unet } from "../../../src/models/diffusion/unet.ts";
import { applyEvaluation, countOf, initialise, shapesOf } from "../../../src/models/nn/index.ts";
import { evaluateOnce } from "../evaluate.ts";
import { expectClose, host } from "../golden.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await createReferenceEngine();
});

const published = {
  size: 28,
  channels: 1,
  timesteps: 1000,
  base: 32,
  multipliers: [1, 2, 2],
  blocks: 2,
  attention: [14, 7],
};

describe("counts", () => {
  it("has the parameters and convolution work of the same network in PyTorch", () => {
    const network = unet(published);
    expect(countOf(network.parameters)).toBe(1_707_009); // sum of numel() over nn.Module.parameters()
    expect(network.flops.convolution / 1e6).toBeCloseTo(582.543, 3); // counted by forward hooks on every Conv2d
  });

  it("counts dense layers and attention's products besides", () => {
    const { flops } = unet(published);
    // 2 + 3 blocks at 14, 2 + 3 at 7 and one in the middle, 64 channels: q k^T and its product with v
    expect(flops.attention).toBe(4 * 64 * (5 * 196 ** 2 + 6 * 49 ** 2));
    expect(flops.dense).toBe(2 * (32 * 128 + 128 * 128 + 128 * (5 * 32 + 12 * 64)));
  });

  it("grows with the image and not in parameters", () => {
    const [small, large] = [16, 32].map((size) => unet({ ...published, size, attention: [] }));
    expect(countOf(small!.parameters)).toBe(countOf(large!.parameters));
    expect(large!.flops.convolution).toBe(4 * small!.flops.convolution);
  });
});

describe("configuration", () => {
  it.each([
    [{ size: 30 }, /30 does not halve evenly 2 times/],
    [{ base: 12 }, /multiple of 8/],
    [{ attention: [10] }, /attention at 10 pixels: the levels are at 28, 14, 7/],
    [{ heads: 3 }, /64 channels at 14 pixels do not divide into 3 heads/],
  ])("refuses %j", (wrong, message) => {
    const make = () => unet({ ...published, ...wrong });
    expect(make).toThrow(expect.objectContaining({ code: "BAD_CONFIG" }));
    expect(make).toThrow(message);
  });

  it.each([16, 28, 32, 64])("takes images of %i pixels, grey or colour", async (size) => {
    for (const channels of [1, 3]) {
      const network = unet({
        size,
        channels,
        timesteps: 10,
        base: 8,
        multipliers: [1, 1],
        blocks: 1,
        attention: [],
      });
      const shapes = shapesOf(network.parameters);
      const values = initialise(network.parameters, rng(1));
      const { y } = await evaluateOnce(
        engine,
        ({ flat, x, t }) => ({
          y: applyEvaluation(network, unflatten(flat!, shapes), x as tf.Tensor4D, { t: t as tf.Tensor1D }),
        }),
        {
          flat: { shape: [values.length], data: values },
          x: { shape: [1, channels, size, size], data: new Float32Array(channels * size ** 2).fill(0.5) },
          t: host([3]),
        },
      );
      expect(y).toEqual(new Float32Array(channels * size ** 2)); // the last convolution starts at zero
    }
  });
});

describe("options", () => {
  const small: UnetConfig = {
    size: 8,
    channels: 1,
    timesteps: 10,
    base: 8,
    multipliers: [1, 2],
    blocks: 1,
    attention: [],
  };
  const count = (options: Partial<UnetConfig>) => countOf(unet({ ...small, ...options }).parameters);
  const flops = (options: Partial<UnetConfig>) => unet({ ...small, ...options }).flops;

  it("labels add a table of one row more than classes, and no other parameter", () => {
    expect(count({ classes: 10 }) - count({})).toBe(11 * 32);
    const [plain, told] = [unet(small), unet({ ...small, classes: 10 })];
    const shared = (network: typeof plain) =>
      Object.keys(network.parameters).filter((name) => name !== "label.table");
    expect(shared(told)).toEqual(shared(plain));
  });

  it("twice the outputs add one more last convolution's worth", () => {
    expect(count({ outputs: 2 }) - count({})).toBe(8 * 9 + 1);
  });

  it("pooling does without the convolutions between levels", () => {
    expect(count({}) - count({ resampling: "pooling" })).toBe(8 * 8 * 9 + 8 + 16 * 16 * 9 + 16);
    expect(flops({}).convolution - flops({ resampling: "pooling" }).convolution).toBe(
      2 * 9 * (8 * 8 * 16 + 16 * 16 * 64),
    );
  });

  it("with DDPM's groups, encoding and padding it has every parameter of the published network for CIFAR-10", () => {
    const published = {
      size: 32,
      channels: 3,
      base: 128,
      multipliers: [1, 2, 2, 2],
      blocks: 2,
      attention: [16],
    };
    const network = unet({ ...published, timesteps: 1000, groups: 32, resampling: "same-convolution" });
    expect(countOf(network.parameters)).toBe(35_746_307); // of google/ddpm-cifar10-32; 35.7 M in the paper
  });

  it("of another padding it has the same parameters and work", () => {
    expect(count({ resampling: "same-convolution" })).toBe(count({}));
    expect(flops({ resampling: "same-convolution" })).toEqual(flops({}));
  });

  it("takes widths that divide into its groups", () => {
    expect(count({ base: 12, groups: 4 })).toBeGreaterThan(0);
    expect(() => unet({ ...small, groups: 16 })).toThrow(/base is a multiple of 16 \(its groups\), not 8/);
  });

  it("heads and dropout change neither parameters nor work", () => {
    expect(count({ heads: 4, dropout: 0.1 })).toBe(count({}));
    expect(flops({ heads: 4, dropout: 0.1 })).toEqual(flops({}));
  });

  it("without zeros at the start every last convolution begins as any other", () => {
    const starts = (zeroInitialised: boolean) => {
      const { parameters } = unet({ ...small, zeroInitialised });
      const last = Object.entries(parameters).filter(([name]) =>
        /conv2.filter|attention.out.filter|^out.filter/.test(name),
      );
      expect(last.length).toBe(2 + 2 + 4 + 1 + 1);
      return last.map(([name, spec]) => initialise({ [name]: spec }, rng(1)).some((value) => value !== 0));
    };
    expect(starts(true).some(Boolean)).toBe(false);
    expect(starts(false).every(Boolean)).toBe(true);
  });

  it("the label's row shifts what the network says, and the row for none is its own", async () => {
    const network = unet({ ...small, classes: 2, zeroInitialised: false });
    const shapes = shapesOf(network.parameters);
    const values = initialise(network.parameters, rng(1));
    const image = rng(2).fillNormal(new Float32Array(64));
    const { y } = await evaluateOnce(
      engine,
      ({ flat, x, t, labels }) => ({
        y: applyEvaluation(network, unflatten(flat!, shapes), x as tf.Tensor4D, {
          t: t as tf.Tensor1D,
          labels: labels as tf.Tensor1D,
        }),
      }),
      {
        flat: { shape: [values.length], data: values },
        x: { shape: [4, 1, 8, 8], data: Float32Array.from([0, 1, 2, 3].flatMap(() => [...image])) },
        t: host([3]),
        labels: host([0, 1, 2, 1]),
      },
    );
    const row = (i: number) => y!.slice(64 * i, 64 * (i + 1));
    expectClose(row(3), row(1), 1e-6);
    for (const [a, b] of [
      [0, 1],
      [1, 2],
      [0, 2],
    ] as const) // prettier-ignore
      expect(Math.max(...row(a).map((value, k) => Math.abs(value - row(b)[k]!)))).toBeGreaterThan(1e-3);
  });
});
