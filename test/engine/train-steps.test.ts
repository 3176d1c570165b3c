/** Whole training steps of both families: the same numbers on every engine, and no growth over many steps. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rng } from "../../src/core/rng.ts";
import type { Engine, HostTensor, Value } from "../../src/engine/contract.ts";
import { createReferenceEngine } from "../../src/engine/eager/reference.ts";
import { type Model, models } from "../../src/models/index.ts";
import { allEngines, compiledEngines } from "./engines.ts";
import { relativeError } from "./numbers.ts";

const gan = { size: 8, channels: 1, latent: 8, generatorWidth: 8, discriminatorWidth: 8 };

const tiny: Record<string, () => Model> = {
  ddpm: () =>
    models.ddpm.create({
      size: 8,
      channels: 1,
      base: 8,
      multipliers: [1, 2],
      blocks: 1,
      attention: [4],
      warmup: 0,
    }),
  dcgan: () => models.dcgan.create(gan),
  "sngan-hinge": () => models["sngan-hinge"].create({ ...gan, conditional: true, classes: 4 }),
  // gradients of gradients: the penalties differentiate the discriminator twice
  "wgan-gp": () => models["wgan-gp"].create({ ...gan, discriminatorSteps: 2 }),
  "dcgan-r1-diffaug": () =>
    models["dcgan-r1-diffaug"].create({ ...gan, r1: 5, augment: ["colour", "translation", "cutout"] }),
};
const BATCH = 4;

async function takeSteps(engine: Engine, model: Model, steps: number, onStep?: (step: number) => void) {
  const compiled = await engine.compile("step", model.trainStep, {
    ...model.state,
    ...model.feedSignature(BATCH),
  });
  let state: Record<string, HostTensor | Value> = { ...model.initialState(rng(3)) };
  const recorded: Record<string, number[]> = Object.fromEntries(model.quantities.map((name) => [name, []]));
  for (let step = 1; step <= steps; step++) {
    const data = rng(4)
      .fold(step)
      .fillNormal(new Float32Array(BATCH * 64))
      .map(Math.tanh);
    const images = { data, count: BATCH, height: 8, width: 8, channels: 1 };
    const outputs = await compiled.run({
      ...state,
      ...model.feed({ images, labels: [0, 1, 2, 3] }, rng(5), step),
    });
    for (const quantity of model.quantities) {
      recorded[quantity]!.push((await outputs[quantity]!.read())[0]!);
      outputs[quantity]!.dispose();
    }
    for (const value of Object.values(state)) if ("dispose" in value) value.dispose();
    state = Object.fromEntries(Object.keys(model.state).map((name) => [name, outputs[name]!]));
    onStep?.(step);
  }
  const final: Record<string, ArrayLike<number>> = {};
  for (const [name, value] of Object.entries(state)) final[name] = await (value as Value).read();
  compiled.dispose();
  return { recorded, final };
}

describe.each(Object.entries(tiny))("%s", (_, make) => {
  /** Three steps on an engine opened for them alone. */
  const stepsOn = async (name: string) => {
    const engine = await allEngines[name]!();
    const taken = await takeSteps(engine, make(), 3);
    await engine.dispose();
    return taken;
  };
  const taken: Record<string, ReturnType<typeof stepsOn>> = {};
  /** The same, taken once for all tests that look at them. */
  const sharedStepsOn = (name: string) => {
    taken[name] ??= stepsOn(name);
    return taken[name];
  };

  it.each(Object.keys(compiledEngines))("takes the reference engine's steps on %s", async (name) => {
    const expected = await sharedStepsOn("reference");
    const actual = await sharedStepsOn(name);
    for (const [quantity, values] of Object.entries(expected.recorded))
      expect(relativeError(actual.recorded[quantity]!, values), quantity).toBeLessThan(1e-3);
    // Adam divides by the root of a second moment near zero: a weight whose gradient is noise moves by up to the rate
    for (const [name, values] of Object.entries(expected.final))
      expect(relativeError(actual.final[name]!, values), name).toBeLessThan(2e-2);
  });

  it("repeats itself bit by bit on onnx/cpu", async () => {
    expect(await stepsOn("onnx/cpu")).toEqual(await sharedStepsOn("onnx/cpu"));
  });
});

describe("over 120 steps", () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await allEngines["onnx/cpu"]!();
  });
  afterAll(() => engine.dispose());

  it.each(["ddpm", "wgan-gp"])("%s leaves nothing behind on onnx/cpu", async (name) => {
    const rss: number[] = [];
    const traces = engine.traces;
    await takeSteps(engine, tiny[name]!(), 120, (step) => {
      if (step % 40 === 0) rss.push(process.memoryUsage.rss() / 2 ** 20);
    });
    expect(engine.traces - traces).toBe(1);
    // a leaked state alone (weights, moments, average) would add 0.2 MiB a step; resident size wanders by a few
    expect(rss.at(-1)! - rss[0]!).toBeLessThan(12);
  });

  it("the eager engine holds only the state", async () => {
    const tf = await import("@tensorflow/tfjs-core");
    const reference = await createReferenceEngine();
    const alive: number[] = [];
    await takeSteps(reference, tiny.dcgan!(), 20, () => alive.push(tf.memory().numTensors));
    expect(alive.at(-1)).toBe(alive[1]);
  });
});
