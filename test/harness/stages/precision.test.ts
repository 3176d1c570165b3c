/** What of a run computes in float16 where its samples are to: samplers' networks and generators, and nothing else. */
import { rmSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Engine, Precision } from "../../../src/engine/contract.ts";
import { createOnnxEngine } from "../../../src/engine/onnx/engine.ts";
import { decodeModel } from "../../../src/engine/onnx/schema.ts";
import { type Ran, runSuite } from "./in-process.ts";

const training = { batch: 16, images: 320 };
const network = { base: 8, multipliers: [1, 2], blocks: 1, timesteps: 32, schedule: { name: "cosine" } };

/** Every stage, and every way to make an image. */
const suite = {
  name: "precision",
  dataset: { source: "shapes", size: 8, train: 300, test: 300 },
  models: {
    ddpm: {
      type: "ddpm",
      ...training,
      options: { ...network, target: "v", conditional: true, learningRate: 2e-3, warmup: 5, ema: 0.9 },
      sampling: [
        { sampler: "ddim", steps: [1, 4] },
        { sampler: "ddpm", steps: [4] },
      ],
    },
    halved: {
      type: "progressive",
      ...training,
      teacher: "ddpm",
      options: { from: 8, learningRate: 1e-3, ema: 0.9 },
      sampling: [{ sampler: "ddim", steps: [2] }],
    },
    dcgan: {
      type: "dcgan",
      ...training,
      options: { generatorWidth: 8, discriminatorWidth: 8, latent: 8, conditional: true },
    },
  },
  classifier: { batch: 32, images: 1600 },
  stages: {
    stability: { checkpoints: 2, n: 80 },
    forward: { rows: 2, columns: 4 },
    likelihood: { images: 4, batch: 4 },
    latency: { batches: [1], processes: 1, requests: 3, seconds: 0.1 },
    cost: { batches: [1], seconds: 0.01 },
    diversity: { n: 80, batch: 40, k: 3, grid: 10 },
    control: {
      guidance: [0, 1],
      n: 80,
      masks: ["centre"],
      images: 20,
      fills: 2,
      repeated: 4,
      cas: { n: 80, images: 160 },
      inpainting: { ddpm: { steps: 4, resamples: 2, jumpLength: 2 }, dcgan: { steps: 3 } },
      models: ["ddpm", "dcgan"],
    },
    data: { sizes: [110, 150], images: 160, n: 100, checkpoints: 1, models: ["ddpm", "dcgan"] },
    distill: { teacher: "ddpm", floor: { value: 1e6 } },
  },
};

/** Of every program that the run compiled: whether some of its model file is float16. */
const reduced = new Map<Precision, Map<string, boolean>>();

async function watched(precision: Precision): Promise<Engine> {
  const device = { kind: "cpu", model: "test", software: false } as const;
  const engine = await createOnnxEngine({ provider: "cpu", device, threads: 1, precision });
  const seen = new Map<string, boolean>();
  reduced.set(precision, seen);
  return Object.create(engine, {
    compile: {
      value: async (...given: Parameters<Engine["compile"]>) => {
        const compiled = await engine.compile(...given);
        if (seen.has(given[0])) return compiled;
        const { graph } = decodeModel(compiled.onnx()) as {
          graph: {
            initializer: { dataType: number }[];
            node: { opType: string; attribute: { name: string; i?: number }[] }[];
          };
        };
        const casts = graph.node.filter(({ opType }) => opType === "Cast").flatMap((node) => node.attribute);
        const half = [
          ...graph.initializer.map(({ dataType }) => dataType),
          ...casts.map(({ i }) => Number(i)),
        ];
        seen.set(given[0], half.includes(10));
        return compiled;
      },
    },
  }) as Engine;
}

let [single, half]: Ran[] = [];
beforeAll(async () => {
  single = await runSuite(suite, () => watched("float32"));
  half = await runSuite(suite, () => watched("float16"));
}, 300_000);
afterAll(() => {
  for (const ran of [single, half]) if (ran) rmSync(ran.out, { recursive: true });
});

it("reduces samplers' networks and generators: not training, judges, likelihood, nor the search of latents", () => {
  const kinds = (of: boolean) =>
    [
      ...new Set(
        [...reduced.get("float16")!]
          .filter(([, half]) => half === of)
          .map(([name]) => name.replace(/-\d+$/, "")),
      ),
    ].sort();
  expect(kinds(true)).toEqual(["denoise", "evaluate", "generate", "walk"]);
  const others = kinds(false);
  for (const name of ["classify", "bound", "search", "search-end", "blend"]) expect(others).toContain(name);
  expect(others.filter((name) => /train|ddpm|dcgan|halved|classifier/.test(name)).length).toBeGreaterThan(0);
  expect([...reduced.get("float32")!.values()]).not.toContain(true);
});

it("leaves weights, their judge, anchors and likelihood as they were, to the last bit", () => {
  const facts = ({ records }: Ran): unknown[] =>
    [...records].flatMap(([id, record]): unknown[] => {
      if (record.kind === "train") {
        const { curves, checkpoint, onnx, snapshots } = record;
        return [{ id, curves, checkpoint, onnx, snapshots: snapshots.map(({ checkpoint }) => checkpoint) }];
      }
      const untouched = ["classifier", "anchors", "likelihood", "forward"].includes(record.kind);
      return untouched ? [{ id, ...record, seconds: 0 }] : [];
    });
  expect(facts(single!).length).toBeGreaterThan(5);
  expect(facts(half!)).toEqual(facts(single!));
});

it("moves what is measured of samples, and by little", () => {
  const values = (ran: Ran, model: string) =>
    ran
      .record("diversity", `diversity/${model}/seed-0`)
      .settings.map(({ metrics }) => metrics.find(({ metric }) => metric === "fid")!.value);
  for (const model of ["ddpm", "dcgan"]) {
    const [before, after] = [values(single!, model), values(half!, model)];
    expect(after).not.toEqual(before);
    for (const [i, value] of after.entries()) expect(Math.abs(value / before[i]! - 1)).toBeLessThan(0.05);
  }
});
