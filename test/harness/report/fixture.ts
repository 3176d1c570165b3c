/**
 * A made run folder, shaped like a real one: a DDPM with two samplers over seven step counts and a DCGAN, latencies
 * with noise, training curves, sample grids. Every number comes from formulas and a fixed seed.
 */
import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { encode } from "fast-png";
import { rng } from "../../../src/core/rng.ts";
import {
  type Cell,
  type CellRecord,
  type Quality,
  type Run,
  SCHEMA_VERSION,
} from "../../../src/harness/record/index.ts";

export interface FixtureOptions {
  readonly seeds?: readonly number[];
  readonly dataset?: string;
  readonly ganTitle?: string;
  /** Leaves the last diversity cell out, as an interrupted run does. */
  readonly partial?: boolean;
  /** Makes the first latency cell a failed one. */
  readonly failed?: boolean;
  /** Density undefined at one step; KID below zero; a GAN loss of zero; a floor of zero. */
  readonly awkward?: boolean;
  readonly software?: boolean;
  /** Without latency and diversity: a run that only trained. */
  readonly trainingOnly?: boolean;
}

export const STEPS = [1, 2, 5, 10, 20, 50, 100] as const;
export const MODES = ["circle", "square", "triangle", "cross", "ring", "bar", "star", "arch", "dot", "wave"];
const N = 1000;
const PROCESSES = 3;

const hash = (text: string | Uint8Array): string => createHash("sha256").update(text).digest("hex");

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
  for (const seed of seeds) {
    add(`train-ddpm-${seed}`, trainRecord("ddpm", seed, options));
    add(`train-dcgan-${seed}`, trainRecord("dcgan", seed, options));
    add(`stability-ddpm-${seed}`, stabilityRecord("ddpm", seed, ["loss", "gradient_norm"]));
    add(`stability-dcgan-${seed}`, stabilityRecord("dcgan", seed, ["generator_loss", "discriminator_loss"]));
  }
  if (!options.trainingOnly) {
    for (let process = 0; process < PROCESSES; process++)
      add(`latency-${process}`, latencyRecord(process, seeds[0]!));
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
      });
      add(`diversity-dcgan-${seed}`, {
        kind: "diversity",
        model: "dcgan",
        seed,
        settings: [quality("dcgan", "none", 1, seed)],
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
const file = (path: string) => ({ path, sha256: hash(path), bytes: 1234 });

function runOf(dataset: string, ganTitle: string, plan: Run["plan"], options: FixtureOptions): Run {
  return {
    schemaVersion: SCHEMA_VERSION,
    id: "5f0c2a91d37be846",
    suite: "quick",
    config: {
      suite: "quick",
      dataset: { name: dataset, size: 16 },
      models: { ddpm: { base: 16, samplers: ["ddim", "ddpm"] }, dcgan: { latent: 100 } },
      steps: [...STEPS],
    },
    configHash: hash("config"),
    command: "npx bench run --suite quick --seed 1",
    state: options.partial ? "partial" : "complete",
    startedAt: "2026-11-23T18:38:00.000Z",
    finishedAt: "2026-11-23T18:42:11.000Z",
    seconds: 251,
    environment: {
      harness: "0.1.0",
      node: "20.20.2",
      platform: "linux",
      arch: "x64",
      cpu: "Example CPU 2.4 GHz",
      cores: 2,
      memoryGiB: 15.6,
    },
    engine: {
      name: "onnx",
      provider: options.software ? "webgpu" : "cpu",
      device: options.software
        ? { kind: "gpu", model: "SwiftShader", software: true }
        : { kind: "cpu", model: "Example CPU 2.4 GHz", software: false, threads: 2 },
      runtime: { "onnxruntime-node": "1.30.0" },
      refused: [
        { engine: "tensorflow", provider: "tensorflow-gpu", reason: "tfjs-node-gpu is not installed" },
        { engine: "onnx", provider: "cuda", reason: "libcudart.so.12 was not found" },
      ],
    },
    dataset: {
      name: dataset,
      hash: hash(dataset),
      size: 16,
      channels: 1,
      classes: MODES,
      modes: MODES,
      train: 8000,
      test: 2000,
    },
    models: [
      {
        id: "ddpm",
        family: "diffusion",
        title: "DDPM U-Net",
        description: "U-Net of base 16; cosine schedule",
        parameters: 214_321,
        samplingParameters: 214_321,
        flopsPerEvaluation: 21.4e6,
        flopsPerTrainingImage: 64.2e6,
        imagesSeen: 16_000,
        batch: 32,
        steps: 500,
        classes: 0,
      },
      {
        id: "dcgan",
        family: "gan",
        title: ganTitle,
        description: "generator of width 32",
        parameters: 205_777,
        samplingParameters: 118_002,
        flopsPerEvaluation: 6.1e6,
        flopsPerTrainingImage: 48.5e6,
        imagesSeen: 32_000,
        batch: 64,
        steps: 500,
        classes: 0,
      },
    ],
    plan,
  };
}

function trainRecord(model: string, seed: number, { awkward }: FixtureOptions): CellRecord {
  const steps = Array.from({ length: 500 }, (_, i) => i + 1);
  const curve = (quantity: string, at: (step: number, noise: number) => number) => {
    const stream = rng(seed).fold(model).fold(quantity);
    return { quantity, steps, values: steps.map((step) => at(step, stream.normal())) };
  };
  const curves =
    model === "ddpm"
      ? [
          curve("loss", (step, z) => (0.06 + Math.exp(-step / 40)) * Math.exp(0.2 * z)),
          curve("gradient_norm", (step, z) => (0.2 + 3 * Math.exp(-step / 60)) * Math.exp(0.3 * z)),
        ]
      : [
          curve("generator_loss", (step, z) => 1.2 + 0.5 * Math.sin(step / 25) + 0.15 * Math.abs(z)),
          curve("discriminator_loss", (step, z) =>
            awkward && step === 77 ? 0 : 0.9 + 0.3 * Math.cos(step / 25) + 0.1 * Math.abs(z),
          ),
          curve("generator_gradient_norm", (_, z) => 1.5 * Math.exp(0.4 * z)),
          curve("discriminator_gradient_norm", (_, z) => 0.8 * Math.exp(0.4 * z)),
        ];
  return {
    kind: "train",
    model,
    seed,
    outcome: "trained",
    steps: 500,
    imagesSeen: model === "ddpm" ? 16_000 : 32_000,
    seconds: model === "ddpm" ? 61.2 : 58.7,
    compileSeconds: 1.9,
    imagesPerSecond: model === "ddpm" ? 261.4 : 545.1,
    peakRssMiB: 512,
    curves,
    snapshots: [],
    checkpoint: file(`checkpoints/${model}-${seed}.safetensors`),
  };
}

function stabilityRecord(model: string, seed: number, quantities: string[]): CellRecord {
  return {
    kind: "stability",
    model,
    seed,
    outcome: "trained",
    statistics: quantities.map((quantity, i) => ({
      quantity,
      count: 500,
      mean: 0.14 + i,
      sd: 0.09,
      ...(i === 0 && { coefficientOfVariation: 0.21 }),
      spikeScore: 0.002 * i,
      spikes: i === 0 ? [] : [77],
      first: 1.02,
      last: 0.061,
    })),
  };
}

function latencyRecord(process: number, seed: number): CellRecord {
  const series = (model: string, sampler: string, steps: number, batch: number) => {
    const stream = rng(seed).fold(`${model} ${sampler}`).fold(steps).fold(batch).fold(process);
    const request = model === "ddpm" ? steps * (0.9 + 0.42 * batch) : 0.35 + 0.09 * batch;
    const count = Math.max(6, Math.min(60, Math.round(600 / request)));
    return {
      model,
      seed,
      sampler,
      steps,
      batch,
      networkEvaluations: steps,
      compileMs: 210 + 5 * process,
      firstMs: request * 2.5,
      samplesMs: Array.from({ length: count }, () => request * Math.exp(0.06 * Math.abs(stream.normal()))),
    };
  };
  return {
    kind: "latency",
    process,
    peakRssMiB: 402 + process,
    series: [1, 16].flatMap((batch) => [
      series("dcgan", "none", 1, batch),
      ...["ddim", "ddpm"].flatMap((sampler) => STEPS.map((steps) => series("ddpm", sampler, steps, batch))),
    ]),
  };
}

/** FID of each setting: DDIM falls to 14 by 100 steps, DDPM needs more; the GAN stands at 31, noise at 320. */
export function fidOf(model: string, sampler: string, steps: number): number {
  if (model === "real") return 1.4;
  if (model === "noise") return 320;
  if (model === "dcgan") return 31;
  return sampler === "ddim" ? 14 + 190 / steps ** 1.2 : 15 + 290 / steps ** 0.85;
}

function qualityOf(
  model: string,
  sampler: string,
  steps: number,
  seed: number,
  options: FixtureOptions,
  files: Map<string, Uint8Array>,
): Quality {
  const exact = fidOf(model, sampler, steps);
  const jitter = 1 + 0.02 * rng(seed).fold(model).fold(sampler).fold(steps).normal();
  const fid = model === "real" && options.awkward ? 0 : seed === 0 ? exact : exact * jitter;
  const good = 1 / (1 + exact / 60);
  const estimate = (metric: string, value: number, direction: "lower" | "higher" | "two-sided") => ({
    metric,
    value,
    protocol: `n ${N}`,
    direction,
  });
  const undefinedMetrics =
    options.awkward && steps === 2 ? [{ metric: "density_k5", why: "all generated images are equal" }] : [];
  const modeCounts = MODES.map((_, mode) =>
    model === "dcgan" && mode === 4
      ? 0
      : Math.round((N / MODES.length) * (1 + (mode % 3) * 0.4 * (1 - good))),
  );
  const path = `samples/${model}-${sampler}-${steps}-${seed}.png`;
  const png = picture(exact, `${path}`);
  files.set(path, png);
  return {
    sampler,
    steps,
    networkEvaluations: sampler === "none" ? Math.min(steps, 1) : steps,
    n: N,
    metrics: [
      {
        ...estimate("fid", fid, "lower"),
        low: fid * 0.94,
        high: fid * 1.07,
        confidence: 0.95,
        method: "subsampling",
      },
      estimate("kid", options.awkward && model === "real" ? -0.0002 : exact / 900, "lower"),
      estimate("precision_k5", 0.2 + 0.75 * good, "higher"),
      estimate("recall_k5", model === "dcgan" ? 0.31 : 0.15 + 0.7 * good, "higher"),
      ...(undefinedMetrics.length === 0 ? [estimate("density_k5", 0.1 + good, "higher")] : []),
      estimate("coverage_k5", model === "dcgan" ? 0.42 : 0.96 * good, "higher"),
      estimate("mode_count", modeCounts.filter((count) => count > 0).length, "higher"),
      estimate("reverse_kl", 0.9 * (1 - good), "lower"),
    ],
    undefinedMetrics,
    modeCounts,
    grid: {
      file: { path, sha256: hash(png), bytes: png.length },
      rows: 6,
      columns: 6,
      caption: `FID ${exact.toFixed(1)}, 36 of ${N}`,
    },
  };
}

/** 6 × 6 discs of 16 px under noise that grows with `fid`. */
function picture(fid: number, name: string): Uint8Array {
  const edge = 6 * 17 - 1;
  const data = new Uint8Array(edge * edge).fill(64);
  const stream = rng(7).fold(name);
  const noise = Math.min(1, fid / 200);
  for (let y = 0; y < edge; y++)
    for (let x = 0; x < edge; x++) {
      if (x % 17 === 16 || y % 17 === 16) continue;
      const radius = Math.hypot((x % 17) - 7.5, (y % 17) - 7.5);
      const size = 3 + ((Math.floor(x / 17) + 2 * Math.floor(y / 17)) % 4);
      const disc = Math.max(0, Math.min(1, size - radius + 0.5));
      const value = disc * (1 - noise) + noise * stream.uniform();
      data[y * edge + x] = Math.round(255 * value);
    }
  return encode({ width: edge, height: edge, channels: 1, depth: 8, data });
}
