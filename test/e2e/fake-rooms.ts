/**
 * Stages that do as told and an engine that does nothing: cells `stability/a`, `stability/b` (needs a) and `stability/c`. $FAKE maps a cell to what befalls it. With $FAKE_CHAINS=N the cells are N chains of two,
 * `stability/0a` and `stability/0b`, all of them reading the common cell `anchors`, whose n is $FAKE_ANCHORS.
 */
import { BenchError } from "../../src/core/errors.ts";
import type { Engine } from "../../src/engine/contract.ts";
import { publish } from "../../src/harness/checkpoints/files.ts";
import { harness, type Rooms } from "../../src/harness/run/rooms.ts";
import type { PlannedCell, Stage } from "../../src/harness/stages/contract.ts";

type Fates = Record<string, "crash" | "mistake" | "diverged" | "hang" | "fill">;

const anchorsCell = (seed: number): PlannedCell => ({
  id: "anchors",
  kind: "anchors",
  needs: [],
  settings: { seed },
});
const noQuality = {
  sampler: "none",
  steps: 0,
  networkEvaluations: 0,
  n: 8,
  metrics: [],
  undefinedMetrics: [],
  modeCounts: [],
};

const inChains = (chains: number, seed: number): PlannedCell[] =>
  Array.from({ length: chains }, (_, i) =>
    ["a", "b"].map((part) => ({
      id: `stability/${i}${part}`,
      kind: "stability" as const,
      needs: part === "b" ? [`stability/${i}a`, "anchors"] : ["anchors"],
      settings: { model: `${i}${part}`, seed },
    })),
  ).flat();

/** Rooms of the command with these stages and this engine, as `env` has them behave. */
export function fakeRooms(env: Readonly<Record<string, string | undefined>>): Rooms {
  const fates = JSON.parse(env.FAKE ?? "{}") as Fates;
  const chains = Number(env.FAKE_CHAINS ?? 0);
  const anchors: Stage = {
    kind: "anchors",
    common: true,
    title: "is read by all",
    plan: ({ seed }) => (chains > 0 ? [anchorsCell(seed)] : []),
    work: () => ({ trainingImages: 0, evaluations: 0, flops: 0 }),
    run: async () => ({
      kind: "anchors",
      n: Number(env.FAKE_ANCHORS ?? 8),
      real: noQuality,
      noise: noQuality,
    }),
  };

  const stage: Stage = {
    kind: "stability",
    title: "does as told",
    plan: ({ seed }) =>
      chains > 0
        ? inChains(chains, seed)
        : ["a", "b", "c"].map((model) => ({
            id: `stability/${model}`,
            kind: "stability",
            needs: model === "b" ? ["stability/a"] : [],
            settings: { model, seed },
          })),
    work: () => ({ trainingImages: 0, evaluations: 0, flops: 0 }),
    async run({ cell, dataset, out, progress, record }) {
      const model = String(cell.settings.model);
      const { train } = await dataset();
      progress({ done: 1, total: 2, loss: 0.5, imagesPerSecond: train.images.count });
      if (fates[model] === "mistake") throw new BenchError("BAD_DATA", "image 7 has no pixels");
      if (fates[model] === "diverged") throw new BenchError("DIVERGED", "loss is NaN at step 7");
      if (fates[model] === "crash") {
        process.stderr.write("the accelerator caught fire\n");
        process.kill(process.pid, "SIGKILL");
      }
      if (fates[model] === "fill") await publish(out, "checkpoints/large.onnx", new Uint8Array(2 ** 20));
      if (fates[model] === "hang") await new Promise((resolve) => setTimeout(resolve, 60_000));
      for (const need of cell.needs) record(need === "anchors" ? "anchors" : "stability", need);
      return { kind: "stability", model, seed: 0, outcome: "trained", statistics: [] };
    },
  };

  return {
    ...harness,
    stages: async () => [anchors, stage],
    chooseEngine: async ({ precision = "float32" }) => ({
      name: "reference",
      provider: "tfjs-cpu",
      device: { kind: "cpu", model: "no CPU", software: false, threads: 1 },
      runtime: {},
      precision: precision === "float32" ? undefined : precision,
      refused: [],
    }),
    openEngine: async () => ({ dispose: async () => {} }) as Engine,
  };
}
