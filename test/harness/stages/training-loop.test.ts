import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BenchError } from "../../../src/core/errors.ts";
import { rng } from "../../../src/core/rng.ts";
import type { Engine } from "../../../src/engine/contract.ts";
import { createReferenceEngine } from "../../../src/engine/eager/reference.ts";
import { samplerSettings } from "../../../src/harness/stages/shared/models.ts";
import {
  batches,
  type Position,
  type Steppable,
  train,
} from "../../../src/harness/stages/shared/training-loop.ts";
import { curveStatistics } from "../../../src/harness/stages/stability/run.ts";
import { decodePosition, encodePosition } from "../../../src/harness/stages/train/position.ts";

describe("the data order", () => {
  it("shows every image once per epoch, and differs from epoch to epoch", () => {
    const source = batches(10, 4, rng(1));
    const seen = Array.from({ length: 5 }, () => [...source.next().value]).flat();
    expect([...seen.slice(0, 10)].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect([...seen.slice(10)].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(seen.slice(0, 10)).not.toEqual(seen.slice(10));
  });

  it("goes on from where an earlier source was", () => {
    const whole = batches(10, 4, rng(3));
    const order = Array.from({ length: 9 }, () => [...whole.next().value]);
    const later = batches(10, 4, rng(3), 6);
    expect(Array.from({ length: 3 }, () => [...later.next().value])).toEqual(order.slice(6));
  });

  it("does not depend on the batch size", () => {
    const order = (batch: number) => {
      const source = batches(7, batch, rng(2));
      const seen: number[] = [];
      while (seen.length < 42) seen.push(...source.next().value);
      return seen.slice(0, 42);
    };
    expect(order(6)).toEqual(order(1));
  });
});

/** Gradient descent on (w - mean of the images)^2; a rate over 1 diverges, as quadratics do. */
const quadratic = (rate: number): Steppable => ({
  state: { w: { shape: [] } },
  quantities: ["loss"],
  feedSignature: (batch) => ({ images: { shape: [batch, 1, 1, 1] } }),
  trainStep: ({ w, images }) => {
    const error = tf.sub(w!, tf.mean(images!));
    return { w: tf.sub(w!, tf.mul(2 * rate, error)), loss: tf.square(error) };
  },
});

describe("the training loop", () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await createReferenceEngine();
  });
  afterAll(() => engine.dispose());

  const run = (rate: number, steps: number) =>
    train({
      engine,
      name: "quadratic",
      model: quadratic(rate),
      initial: { w: { shape: [], data: Float32Array.of(3) } },
      labels: [0, 1],
      images: { data: Uint8Array.of(255, 255), count: 2, height: 1, width: 1, channels: 1 },
      batch: 2,
      steps,
      order: rng(0),
      feed: ({ images }) => ({ images: { shape: [2, 1, 1, 1], data: images.data } }),
    });

  it("mirrors half of the images it sees, drawn anew at each step, and none without a stream for it", async () => {
    const seen = async (flips?: ReturnType<typeof rng>) => {
      const fed: number[][] = [];
      await train({
        engine,
        name: "quadratic",
        model: quadratic(0.25),
        initial: { w: { shape: [], data: Float32Array.of(3) } },
        labels: [0],
        // one image whose left half is black and whose right half is white
        images: { data: Uint8Array.of(0, 255, 0, 255), count: 1, height: 2, width: 2, channels: 1 },
        batch: 1,
        steps: 200,
        order: rng(0),
        flips,
        feed({ images }) {
          fed.push([...images.data]);
          return { images: { shape: [1, 1, 1, 1], data: Float32Array.of(0) } };
        },
      });
      return fed;
    };
    const [plain, mirrored] = [
      [-1, 1, -1, 1],
      [1, -1, 1, -1],
    ];
    expect(await seen()).toEqual(Array(200).fill(plain));
    const fed = await seen(rng(1));
    for (const image of fed) expect([plain, mirrored]).toContainEqual(image);
    const share = fed.filter(([left]) => left === 1).length / 200;
    expect(Math.abs(share - 0.5)).toBeLessThan(4 * Math.sqrt(0.25 / 200));
    expect(await seen(rng(1))).toEqual(fed);
  });

  it("carries the state from step to step and records every step", async () => {
    const { outcome, state, curves, steps } = await run(0.25, 5);
    expect({ outcome, steps }).toEqual({ outcome: "trained", steps: 5 });
    expect(state.w!.data[0]).toBeCloseTo(1 + 2 / 2 ** 5, 6); // the error halves each step, from 2
    expect(curves[0]!.steps).toEqual([1, 2, 3, 4, 5]);
    expect(curves[0]!.values[4]).toBeCloseTo((2 / 2 ** 4) ** 2, 6);
  });

  it("stops where a quantity stops being finite, and says which and when", async () => {
    const { outcome, divergence, curves, steps } = await run(1e6, 50);
    expect(outcome).toBe("diverged");
    expect(divergence).toMatchObject({
      quantity: "loss",
      step: steps,
      reason: expect.stringMatching(/loss became/),
    });
    expect(steps).toBeLessThan(20);
    expect(curves[0]!.values.every(Number.isFinite)).toBe(true);
    expect(curves[0]!.values.length).toBe(steps - 1);
  });
});

describe("a planted NaN", () => {
  /** Two tensors; values of `where` are lost while `broken`, all values while `spread`. */
  const planted = (where: "a" | "b"): Steppable => ({
    state: { a: { shape: [2] }, b: { shape: [3] } },
    quantities: ["loss", "norm"],
    feedSignature: () => ({ broken: { shape: [] }, spread: { shape: [] } }),
    trainStep: ({ a, b, broken, spread }) => {
      // 0 / 0 where it is broken, 0 elsewhere
      const lost = (x: tf.Tensor) => tf.sub(tf.div(tf.sub(1, x), tf.sub(1, x)), 1);
      const state = { a: tf.zerosLike(a!), b: tf.zerosLike(b!) };
      const last = tf.concat([tf.zeros([1]), tf.reshape(lost(broken!), [1])]);
      const moved =
        where === "a"
          ? { ...state, a: tf.add(state.a, last) }
          : { ...state, b: tf.add(state.b, lost(broken!)) };
      return {
        a: tf.add(moved.a, lost(spread!)),
        b: tf.add(moved.b, lost(spread!)),
        loss: tf.scalar(1),
        norm: tf.reshape(lost(broken!), []),
      };
    },
    parameterAt: (tensor, index) => `${tensor}[${index}]`,
  });
  const run = async (where: "a" | "b", heals: boolean) => {
    const engine = await createReferenceEngine();
    const flag = (on: boolean) => ({ shape: [], data: Float32Array.of(on ? 1 : 0) });
    const result = await train({
      engine,
      name: "planted",
      model: planted(where),
      initial: {
        a: { shape: [2], data: new Float32Array(2) },
        b: { shape: [3], data: new Float32Array(3) },
      },
      images: { data: Uint8Array.of(1), count: 1, height: 1, width: 1, channels: 1 },
      labels: [0],
      batch: 1,
      steps: 50,
      order: rng(0),
      feed: (_batch, step) => ({
        broken: flag(step === 7 || step === 8),
        spread: flag(step >= 9 && !heals),
      }),
    });
    await engine.dispose();
    return result;
  };

  it("is found at its step, in its quantity and its tensor, and followed as it spreads", async () => {
    const { outcome, divergence, steps, curves } = await run("a", false);
    expect({ outcome, steps }).toEqual({ outcome: "diverged", steps: 7 });
    expect(divergence).toEqual({
      step: 7,
      quantity: "norm",
      reason: "norm became NaN",
      tensor: "a[1]",
      share: 1 / 5,
      next: [
        { step: 8, share: 1 / 5 },
        { step: 9, share: 1 },
        { step: 10, share: 1 },
      ],
    });
    expect(curves.map(({ values }) => values.length)).toEqual([7, 6]);
  });

  it("is followed as it heals", async () => {
    const { divergence } = await run("b", true);
    expect(divergence).toMatchObject({ step: 7, tensor: "b[0]", share: 3 / 5 });
    expect(divergence!.next!.map(({ share }) => share)).toEqual([3 / 5, 0, 0]);
  });
});

describe("training that was interrupted", () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await createReferenceEngine();
  });
  afterAll(() => engine.dispose());

  /** Descent on the distance to the images, with what the steps saw added up on the host. */
  const model: Steppable = {
    ...quadratic(0.1),
    memory: {
      initial: { seen: { shape: [1], data: Float32Array.of(0) } },
      next: ({ seen }, _fed, observed) => ({
        seen: { shape: [1], data: Float32Array.of(seen!.data[0]! + observed.seen!.data[0]!) },
      }),
    },
    trainStep: (inputs) => ({ ...quadratic(0.1).trainStep(inputs), seen: tf.mean(inputs.images!) }),
  };
  const images = {
    data: Uint8Array.from({ length: 7 }, (_, i) => 30 * i),
    count: 7,
    height: 1,
    width: 1,
    channels: 1,
  };
  const run = (steps: number, from: Position | undefined, positions: Position[]) =>
    train({
      engine,
      name: "quadratic",
      model,
      initial: { w: { shape: [], data: Float32Array.of(3) } },
      images,
      labels: new Uint8Array(7),
      batch: 3,
      steps,
      order: rng(4),
      feed: (batch, _step, { seen }) => ({
        images: { shape: [3, 1, 1, 1], data: batch.images.data.map((x) => x + 1e-3 * seen!.data[0]!) },
      }),
      snapshots: { at: [4], take: async (position) => void positions.push(position) },
      from,
    });

  it("goes on to the same weights and curves as training that was not, from the file it left", async () => {
    const positions: Position[] = [];
    const whole = await run(11, undefined, positions);
    const file = encodePosition({ position: positions[0]!, snapshots: [] }, "a");
    const again = await run(11, decodePosition(file, "p", expected).position, []);
    expect(positions[0]!.step).toBe(4);
    expect(again.state).toEqual(whole.state);
    expect(again.curves).toEqual(whole.curves);
    expect(again.steps).toBe(11);
  });

  const expected = { configHash: "a", model, steps: 11, snapshotsAt: [] };

  it("refuses a file of which a single bit was changed, wherever it was", async () => {
    const positions: Position[] = [];
    await run(5, undefined, positions);
    const file = encodePosition({ position: positions[0]!, snapshots: [] }, "a");
    expect(decodePosition(file, "p", expected).position).toEqual(positions[0]);
    for (let bit = 0; bit < 8 * file.length; bit += 5) {
      const damaged = Uint8Array.from(file);
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      const read = () => decodePosition(damaged, "p", expected);
      try {
        expect(read()).toEqual(decodePosition(file, "p", expected)); // padding, or a blank of the header
      } catch (error) {
        expect(error, `bit ${bit}`).toBeInstanceOf(Error);
      }
    }
    for (const length of [0, 7, 40, file.length - 3])
      expect(() => decodePosition(file.slice(0, length), "p", expected)).toThrow(BenchError);
  });

  it("refuses a position that is whole but not of this training", async () => {
    const positions: Position[] = [];
    await run(5, undefined, positions);
    const whole = positions[0]!;
    const refusal = (position: Position, other: object = {}) => {
      const file = encodePosition({ position, snapshots: [] }, "a");
      return () => decodePosition(file, "p", { ...expected, ...other });
    };
    const { w } = whole.state;
    const [curve] = whole.curves;
    expect(refusal(whole, { configHash: "b" })).toThrow("p is of a training with another configuration");
    for (const step of [-1, 0, 11, 1e9])
      expect(refusal({ ...whole, step })).toThrow(/at step .* of a training of 11/);
    expect(refusal({ ...whole, step: 3 })).toThrow("other curves");
    expect(refusal({ ...whole, state: {} })).toThrow("other tensors");
    expect(refusal({ ...whole, state: { w: { ...w!, shape: [1] } } })).toThrow("other tensors");
    expect(refusal({ ...whole, state: { w: w!, v: w! } })).toThrow("other tensors");
    expect(refusal({ ...whole, memory: {} })).toThrow("another memory");
    expect(refusal({ ...whole, curves: [] })).toThrow("other curves");
    expect(refusal({ ...whole, curves: [curve!, curve!] })).toThrow("other curves");
    expect(refusal({ ...whole, curves: [{ ...curve!, values: [...curve!.values, 1] }] })).toThrow(
      "other curves",
    );
    expect(refusal(whole, { snapshotsAt: [2, 8] })).toThrow("snapshots");
  });
});

it("a state that is not finite after the last step is a divergence, with its tensor", async () => {
  const engine = await createReferenceEngine();
  const { outcome, divergence } = await train({
    engine,
    name: "breaks",
    model: {
      ...quadratic(0.1),
      trainStep: ({ w, images }) => ({ w: tf.div(w!, 0), loss: tf.mean(images!) }),
      parameterAt: (tensor, index) => `${tensor}.${index}`,
    },
    initial: { w: { shape: [], data: Float32Array.of(3) } },
    images: { data: Uint8Array.of(1), count: 1, height: 1, width: 1, channels: 1 },
    labels: [0],
    batch: 1,
    steps: 1,
    order: rng(0),
    feed: ({ images }) => ({ images: { shape: [1, 1, 1, 1], data: images.data } }),
  });
  await engine.dispose();
  expect(outcome).toBe("diverged");
  expect(divergence).toEqual({
    step: 1,
    tensor: "w.0",
    share: 1,
    reason: "the state is not finite",
    next: [2, 3, 4].map((step) => ({ step, share: 1 })),
  });
});

describe("sampler settings", () => {
  it("are the sweeps in order, each setting once", () => {
    const settings = samplerSettings(
      [{ sampler: "ddim", steps: [1, 5], options: {} }],
      [
        { sampler: "ddim", steps: [5, 9], options: {} },
        { sampler: "ddpm", steps: [5], options: {} },
      ],
    );
    expect(settings.map(({ sampler, steps }) => `${sampler}@${steps}`)).toEqual([
      "ddim@1",
      "ddim@5",
      "ddim@9",
      "ddpm@5",
    ]);
  });
  it("are one pass for a model without a sweep", () => {
    expect(samplerSettings([])).toEqual([{ sampler: "none", steps: 1 }]);
  });
});

describe("curve statistics", () => {
  const steps = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

  it("find a planted spike and none in a clean curve", () => {
    const clean = steps(400).map((i) => 1 + 0.01 * Math.sin(i * 2.3));
    const spiked = clean.map((value, i) => (i === 300 ? 9 : value));
    const of = (values: number[]) => curveStatistics({ quantity: "loss", steps: steps(400), values })!;
    expect(of(clean).spikeScore).toBe(0);
    expect(of(spiked).spikeScore).toBeGreaterThan(0);
    expect(of(spiked).spikeScore).toBeLessThan(0.01);
  });

  it("take variation from the second half, once training has settled", () => {
    const values = steps(200).map((i) => (i <= 100 ? 1000 / i : 5));
    expect(
      curveStatistics({ quantity: "loss", steps: steps(200), values })!.coefficientOfVariation,
    ).toBeCloseTo(0, 6);
  });

  it("leave out what too short a curve cannot tell", () => {
    expect(curveStatistics({ quantity: "loss", steps: [1], values: [2] })).toMatchObject({
      spikeScore: undefined,
    });
    expect(curveStatistics({ quantity: "loss", steps: [], values: [] })).toBeUndefined();
  });
});
