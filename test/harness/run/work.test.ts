import { expect, it } from "vitest";
import { planCells, totalWork, workOf } from "../../../src/harness/run/plan.ts";
import { modelFacts, stages } from "../../../src/harness/stages/index.ts";
import { resolveSuite } from "../../../src/harness/suite/index.ts";

const { config } = resolveSuite(
  {
    name: "x",
    dataset: { size: 16 },
    models: {
      ddpm: {
        type: "ddpm",
        batch: 30,
        images: 100,
        options: { base: 8, multipliers: [1, 2], blocks: 1 },
        sampling: [
          { sampler: "ddim", steps: [2, 10] },
          { sampler: "ddpm", steps: [10] },
        ],
      },
      dcgan: { type: "dcgan", batch: 50, images: 100, options: { generatorWidth: 8, discriminatorWidth: 8 } },
    },
    classifier: { batch: 64, images: 100 },
    stages: {
      stability: {},
      latency: {
        batches: [1, 4],
        processes: 1,
        requests: 9,
        sampling: [{ sampler: "ddim", steps: [10, 20] }],
      },
      diversity: { n: 7 },
    },
  },
  [],
  "x",
);
const models = modelFacts(config, 20);
const cells = planCells(stages, config);
const work = (id: string) => workOf(cells.find((cell) => cell.id === id)!, stages, config, models);

it("counts what each cell does", () => {
  expect(work("classifier").trainingImages).toBe(128); // whole batches of 64
  expect(work("train/ddpm/seed-0").trainingImages).toBe(120);
  expect(work("train/dcgan/seed-0").trainingImages).toBe(100);
  // and at the scoring setting the pictures, and again the raw weights, which a model may have besides averaged ones
  expect(work("diversity/ddpm/seed-0").evaluations).toBe(7 * (2 + 10 + 10) + (10 + 4 + 7) * 10);
  expect(work("diversity/dcgan/seed-0").evaluations).toBe(7 + 10 + 4 + 7);
  // (1 + 4) images, 1 + 9 requests; ddim at 2, 10, 20 and ddpm at 10; one pass
  expect(work("latency/process-0").evaluations).toBe(50 * (2 + 10 + 20 + 10) + 50);
  expect(work("stability/ddpm/seed-0")).toEqual({ trainingImages: 0, evaluations: 0, flops: 0 });
});

it("turns counts into operations with the model's own figures, and adds up", () => {
  const [ddpm] = models;
  expect(work("train/ddpm/seed-0").flops).toBe(120 * ddpm!.flopsPerTrainingImage!);
  expect(work("diversity/ddpm/seed-0").flops).toBe(364 * ddpm!.flopsPerEvaluation);
  const all = cells.map(({ id }) => work(id));
  expect(totalWork(all).trainingImages).toBe(128 + 120 + 100);
});

it("counts a guided step as two evaluations, and all that control draws: reported, choosing, fills, for a classifier", () => {
  const { config } = resolveSuite(
    {
      name: "guided",
      models: {
        labels: {
          type: "ddpm",
          images: 100,
          options: { base: 8, multipliers: [1, 2], blocks: 1, conditional: true },
          sampling: [{ sampler: "ddim", steps: [10], options: { guidance: 1 } }],
          scoring: { sampler: "ddim", steps: 10 },
        },
      },
      stages: {
        latency: { batches: [1], processes: 1, requests: 1 },
        control: {
          guidance: [0, 2],
          n: 6,
          validation: 4,
          masks: ["half"],
          images: 5,
          fills: 3,
          repeated: 2,
          cas: { n: 8, images: 64 },
        },
      },
    },
    [],
    "x",
  );
  const facts = modelFacts(config, 20);
  const of = (kind: string) =>
    workOf(planCells(stages, config).find((cell) => cell.kind === kind)!, stages, config, facts);
  expect(of("latency").evaluations).toBe(2 * 20);
  // at weight 0 and at 2; 5 + 2 x 2 fills, told and not; 8 for the classifier, which is trained twice
  expect(of("control").evaluations).toBe((6 + 4) * (10 + 20) + 2 * 9 * 10 + 8 * 10);
  expect(of("control").trainingImages).toBe(2 * 64);
});
