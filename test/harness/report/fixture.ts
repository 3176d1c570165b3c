/**
 * A made run folder, shaped like a real one: a DDPM with two samplers over seven step counts and a DCGAN, latencies
 * with noise, training curves, sample grids; with `everyStage` records of every kind. Every number comes from formulas
 * and a fixed seed.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Cell, CellRecord, Run } from "../../../src/harness/record/index.ts";
import {
  type Files,
  type FixtureOptions,
  file,
  gridOf,
  hash,
  N,
  PROCESSES,
  STEPS,
} from "./fixture/common.ts";
import { latencyRecord } from "./fixture/latency.ts";
import { qualityOf, scoredSet } from "./fixture/quality.ts";
import { runOf } from "./fixture/run.ts";
import {
  controlRecord,
  costRecord,
  dataRecord,
  distillRecord,
  FACTORS,
  forwardRecord,
  likelihoodRecord,
  SIZES,
  sensitivityRecord,
  trainedStability,
} from "./fixture/stages.ts";
import { stabilityRecord, trainRecord } from "./fixture/training.ts";

export { type FixtureOptions, MODES, STEPS } from "./fixture/common.ts";
export { fidOf } from "./fixture/quality.ts";

export interface Fixture {
  readonly run: Run;
  readonly cells: Cell[];
  /** Contents by path in the run folder, besides the records. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

export function fixture(options: FixtureOptions = {}): Fixture {
  const { seeds = [1], dataset = "shapes", ganTitle = "DCGAN" } = options;
  const files = new Map<string, Uint8Array>();
  const cells: Cell[] = [];
  const add = (id: string, record: CellRecord) => cells.push({ ...base(id), state: "done", record });

  add("classifier", {
    kind: "classifier",
    target: "mode",
    architecture: "convolutional",
    accuracy: 0.971,
    trainingSeed: 0,
    imagesSeen: 40_000,
    parameters: 61_000,
    featureWidth: 64,
    weights: hash("classifier"),
    checkpoint: file("checkpoints/classifier.safetensors"),
    seconds: 9.4,
  });
  if (options.everyStage) addEveryStage(add, seeds, options, files);
  for (const seed of seeds) {
    add(`train-ddpm-${seed}`, trainRecord("ddpm", seed, options));
    add(`train-dcgan-${seed}`, trainRecord("dcgan", seed, options));
    if (options.everyStage) continue;
    add(`stability-ddpm-${seed}`, stabilityRecord("ddpm", seed, ["loss", "gradient_norm"]));
    add(`stability-dcgan-${seed}`, stabilityRecord("dcgan", seed, ["generator_loss", "discriminator_loss"]));
  }
  if (!options.trainingOnly) {
    for (let process = 0; process < PROCESSES; process++)
      add(`latency-${process}`, latencyRecord(process, seeds[0]!, options.everyStage));
    const quality = (model: string, sampler: string, steps: number, seed: number) =>
      qualityOf(model, sampler, steps, seed, options, files);
    add("anchors", {
      kind: "anchors",
      n: N,
      real: quality("real", "none", 0, 0),
      noise: quality("noise", "none", 0, 0),
    });
    for (const seed of seeds) {
      add(`diversity-ddpm-${seed}`, {
        kind: "diversity",
        model: "ddpm",
        seed,
        settings: ["ddim", "ddpm"].flatMap((sampler) =>
          STEPS.map((steps) => quality("ddpm", sampler, steps, seed)),
        ),
        weights: [
          { weights: "averaged", quality: quality("ddpm", "ddpm", STEPS.at(-1)!, seed) },
          { weights: "raw", quality: scoredSet(30, { sampler: "ddpm", steps: STEPS.at(-1)! }) },
        ],
        ...(options.everyStage && {
          illustration: strip(files, `illustration-ddpm-${seed}`, "from noise, left, to image"),
          neighbours: strip(files, `neighbours-ddpm-${seed}`, "samples above their nearest training image"),
        }),
      });
      add(`diversity-dcgan-${seed}`, {
        kind: "diversity",
        model: "dcgan",
        seed,
        settings: [quality("dcgan", "none", 1, seed)],
        weights: [{ weights: "raw", quality: quality("dcgan", "none", 1, seed) }],
        illustration: options.everyStage
          ? strip(files, `illustration-dcgan-${seed}`, "a walk between two latents a row")
          : undefined,
      });
      if (!options.everyStage) continue;
      for (const [model, sampler, steps] of [
        ["linear", "ddim", STEPS],
        ["student", "ddim", [1, 2, 4]],
        ["wgan", "none", [1]],
      ] as const)
        add(`diversity-${model}-${seed}`, {
          kind: "diversity",
          model,
          seed,
          settings: steps.map((count) => quality(model, sampler, count, seed)),
        });
    }
  }
  const plan = cells.map(({ id, configHash }) => ({
    id,
    kind: id === "anchors" ? "anchors" : id.replace(/-.*/, ""),
    configHash,
    needs: [],
  }));
  if (options.partial) cells.pop();
  const finished = cells.map((cell) =>
    options.failed && cell.id === "latency-0"
      ? {
          ...base(cell.id),
          state: "failed" as const,
          code: "ENGINE_FAILED",
          message: "out of memory at batch 16",
        }
      : cell,
  );
  return { run: runOf(dataset, ganTitle, plan, options), cells: finished, files };
}

/** Writes the fixture as a run folder and gives it back. */
export async function writeFixture(dir: string, options: FixtureOptions = {}): Promise<Fixture> {
  const made = fixture(options);
  const lines = made.cells.map((cell) => `${JSON.stringify(cell)}\n`).join("");
  const files = new Map<string, Uint8Array | string>([
    ...made.files,
    ["run.json", JSON.stringify(made.run, undefined, 2)],
    ["cells.jsonl", lines],
  ]);
  for (const [path, content] of files) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), content);
  }
  return made;
}

const base = (id: string) => ({
  id,
  configHash: hash(id),
  startedAt: "2026-11-23T18:40:00.000Z",
  seconds: 12,
});

const strip = (files: Files, name: string, caption: string) =>
  gridOf(files, `samples/${name}.png`, { rows: 2, columns: 12, caption });

/** Seed 3 of the second GAN diverges. */
function addEveryStage(
  add: (id: string, record: CellRecord) => void,
  seeds: readonly number[],
  options: FixtureOptions,
  files: Files,
): void {
  for (const seed of seeds)
    for (const model of ["linear", "wgan"]) add(`train-${model}-${seed}`, trainRecord(model, seed, options));
  for (const seed of seeds) {
    for (const model of ["ddpm", "linear", "dcgan", "wgan"])
      add(`stability-${model}-${seed}`, trainedStability(model, seed, model === "wgan" && seed === 3));
    for (const model of ["ddpm", "dcgan"]) {
      for (const factor of FACTORS)
        add(`sensitivity-${model}-${seed}-${factor}`, sensitivityRecord(model, seed, factor));
      for (const size of SIZES) add(`data-${model}-${seed}-${size}`, dataRecord(model, seed, size, files));
      add(`control-${model}-${seed}`, controlRecord(model, seed, files));
    }
    for (const model of ["ddpm", "linear"]) add(`likelihood-${model}-${seed}`, likelihoodRecord(model, seed));
    add(`distill-${seed}`, distillRecord(seed));
  }
  for (const model of ["ddpm", "linear"]) add(`forward-${model}`, forwardRecord(model, files));
  add("cost", costRecord());
}
