import { beforeAll, expect, it } from "vitest";
import type { FloatImages } from "../../src/core/images.ts";
import { type Rng, rng } from "../../src/core/rng.ts";
import type { Engine } from "../../src/engine/contract.ts";
import { createReferenceEngine } from "../../src/engine/eager/reference.ts";
import { createClassifier } from "../../src/models/classifier/classifier.ts";
import { compiledEngine, compileFor, nextState } from "./evaluate.ts";
import { expectClose } from "./golden.ts";
import { expectGradient } from "./gradients.ts";

let fast: Engine;
beforeAll(async () => {
  fast = await compiledEngine();
});

/** Three classes that differ in direction, at random phases and with noise. */
function gratings(count: number, size: number, stream: Rng): { images: FloatImages; labels: Uint8Array } {
  const labels = Uint8Array.from({ length: count }, () => stream.integer(3));
  const data = new Float32Array(count * size * size);
  for (let i = 0; i < count; i++) {
    const angle = (labels[i]! * Math.PI) / 3;
    const phase = 2 * Math.PI * stream.uniform();
    for (let y = 0; y < size; y++)
      for (let x = 0; x < size; x++)
        data[(i * size + y) * size + x] =
          0.7 * Math.sin((x * Math.cos(angle) + y * Math.sin(angle)) * 1.2 + phase) + 0.3 * stream.normal();
  }
  return { images: { data, count, height: size, width: size, channels: 1 }, labels };
}

it("tells classes apart that it has not seen, after a few dozen steps", async () => {
  const classifier = createClassifier({ size: 16, channels: 1, classes: 3, width: 8 });
  const step = await compileFor(fast, classifier.trainStep, {
    ...classifier.state,
    ...classifier.feedSignature(32),
  });
  let state = classifier.initialState(rng(1));
  for (let i = 1; i <= 60; i++) {
    const { images, labels } = gratings(32, 16, rng(2).fold(i));
    state = nextState(state, await step({ ...state, ...classifier.feed(images, labels, i) }));
  }
  const { images, labels } = gratings(200, 16, rng(3));
  const evaluate = await compileFor(
    fast,
    classifier.evaluation.program,
    classifier.evaluation.signature(200),
  );
  const weights = classifier.evaluationWeights(state);
  const input = { shape: [200, 16, 16, 1], data: images.data };
  const { features, logits } = await evaluate({ ...weights, images: input });
  const right = Array.from(labels).filter((label, i) => {
    const row = logits!.subarray(i * 3, i * 3 + 3);
    return row.indexOf(Math.max(...row)) === label;
  });
  expect(right.length).toBeGreaterThan(190);

  expect(features!.length).toBe(200 * classifier.featureWidth);
  const one = await compileFor(fast, classifier.evaluation.program, classifier.evaluation.signature(1));
  const seventh = images.data.subarray(7 * 256, 8 * 256);
  const alone = await one({ ...weights, images: { shape: [1, 16, 16, 1], data: seventh } });
  expectClose(alone.features!, features!.subarray(7 * 64, 8 * 64), 1e-4); // whatever the batch
});

it("has the gradient of its loss, in colour", async () => {
  const engine = await createReferenceEngine();
  const classifier = createClassifier({ size: 8, channels: 3, classes: 4, width: 8 });
  const images = {
    data: rng(5).fillNormal(new Float32Array(3 * 192)),
    count: 3,
    height: 8,
    width: 8,
    channels: 3,
  };
  const started = classifier.initialState(rng(1));
  const inputs = { ...started, ...classifier.feed(images, [0, 3, 1], 1) };
  const at = started.classifier!.data.map((p, i) => p + 0.1 * Math.sin(i * 1.3)) as Float32Array; // past the zeros
  const step = await compileFor(engine, classifier.trainStep, {
    ...classifier.state,
    ...classifier.feedSignature(3),
  });
  const shaken = { shape: started.classifier!.shape, data: at };
  const outputs = await step({ ...inputs, classifier: shaken });
  const gradient = outputs.classifier_moment1!.map((m) => m / (1 - 0.9));
  const loss = async (data: Float32Array) =>
    (await step({ ...inputs, classifier: { shape: [data.length], data } })).loss![0]!;
  await expectGradient(loss, at, gradient, { distance: 0.01, tolerance: 0.01 });
});

it.each([2, 10, 1000])("starts undecided: a loss of ln %i", async (classes) => {
  const classifier = createClassifier({ size: 8, channels: 1, classes, width: 8 });
  const images = { data: new Float32Array(4 * 64).fill(0.1), count: 4, height: 8, width: 8, channels: 1 };
  const signature = { ...classifier.state, ...classifier.feedSignature(4) };
  const step = await compileFor(fast, classifier.trainStep, signature);
  const inputs = { ...classifier.initialState(rng(1)), ...classifier.feed(images, [0, 1, 0, 1], 1) };
  expectClose((await step(inputs)).loss!, [Math.log(classes)], 1e-6);
});

it("refuses a width that does not divide into groups", () => {
  expect(() => createClassifier({ size: 16, channels: 1, classes: 10, width: 12 })).toThrow(
    expect.objectContaining({ code: "BAD_CONFIG" }),
  );
});
