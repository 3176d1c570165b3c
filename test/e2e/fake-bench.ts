/**
 * The command with stages that do as told and an engine that does nothing: cells `stability/a`, `stability/b` (needs a)
 * and `stability/c`. $FAKE maps a cell to what befalls it.
 */
import { BenchError } from "../../src/core/errors.ts";
import type { Engine } from "../../src/engine/contract.ts";
import { runProcess } from "../../src/harness/cli/main.ts";
import { harness } from "../../src/harness/run/parts.ts";
import type { Stage } from "../../src/harness/stages/contract.ts";

const fates = JSON.parse(process.env.FAKE ?? "{}") as Record<
  string,
  "crash" | "mistake" | "diverged" | "hang"
>;

const stage: Stage = {
  kind: "stability",
  title: "does as told",
  plan: ({ seed }) =>
    ["a", "b", "c"].map((model) => ({
      id: `stability/${model}`,
      kind: "stability",
      needs: model === "b" ? ["stability/a"] : [],
      settings: { model, seed },
    })),
  work: () => ({ trainingImages: 0, evaluations: 0, flops: 0 }),
  async run({ cell, dataset, progress, record }) {
    const model = String(cell.settings.model);
    const { train } = await dataset();
    progress({ done: 1, total: 2, loss: 0.5, imagesPerSecond: train.images.count });
    if (fates[model] === "mistake") throw new BenchError("BAD_DATA", "image 7 has no pixels");
    if (fates[model] === "diverged") throw new BenchError("DIVERGED", "loss is NaN at step 7");
    if (fates[model] === "crash") {
      process.stderr.write("the accelerator caught fire\n");
      process.kill(process.pid, "SIGKILL");
    }
    if (fates[model] === "hang") await new Promise((resolve) => setTimeout(resolve, 60_000));
    for (const need of cell.needs) record("stability", need);
    return { kind: "stability", model, seed: 0, outcome: "trained", statistics: [] };
  },
};

await runProcess({
  ...harness,
  stages: async () => [stage],
  chooseEngine: async () => ({
    name: "reference",
    provider: "tfjs-cpu",
    device: { kind: "cpu", model: "no CPU", software: false, threads: 1 },
    runtime: {},
    refused: [],
  }),
  openEngine: async () => ({ dispose: async () => {} }) as Engine,
});
