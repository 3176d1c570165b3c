/**
 * A run in round numbers, and what it must recommend: the arithmetic of every case is done by hand here, so that the
 * module in Node and the controls in a browser are held to the same table.
 *
 * | setting        | batch 1 | batch 16 | FID | coverage | training           |
 * | -------------- | ------- | -------- | --- | -------- | ------------------ |
 * | DCGAN          | 2 ms    | 16 ms    | 30  | 0.4      | 100 s              |
 * | Student 1 step | 4 ms    | 48 ms    | 25  | 0.6      | 150 s + 200 s      |
 * | ddim 10 steps  | 20 ms   | 240 ms   | 20  | 0.7      | 200 s, conditional |
 * | ddim 50 steps  | 100 ms  | 1.2 s    | 12  | 0.9      | 200 s, conditional |
 * | real images    |         |          | 2   | 0.95     |                    |
 * | noise          |         |          | 302 | 0.05     |                    |
 *
 * Default floors, a tenth of the way from real to noise: FID 32, coverage 0.86.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Cell, CellRecord, Quality, Run } from "../../../src/harness/record/index.ts";
import { fixture } from "./fixture.ts";

interface Setting {
  readonly model: string;
  readonly sampler: string;
  readonly steps: number;
  readonly ms: Readonly<Record<1 | 16, number>>;
  readonly fid: number;
  readonly coverage: number;
}

const settings: readonly Setting[] = [
  { model: "dcgan", sampler: "none", steps: 1, ms: { 1: 2, 16: 16 }, fid: 30, coverage: 0.4 },
  { model: "student", sampler: "ddim", steps: 1, ms: { 1: 4, 16: 48 }, fid: 25, coverage: 0.6 },
  { model: "ddpm", sampler: "ddim", steps: 10, ms: { 1: 20, 16: 240 }, fid: 20, coverage: 0.7 },
  { model: "ddpm", sampler: "ddim", steps: 50, ms: { 1: 100, 16: 1200 }, fid: 12, coverage: 0.9 },
];

const trainSeconds = { dcgan: 100, student: 150, ddpm: 200 } as const;

export const GAN = "DCGAN";
export const STUDENT = "Student, ddim, 1 step";
export const TEN = "DDPM U-Net, ddim, 10 steps";
export const FIFTY = "DDPM U-Net, ddim, 50 steps";

/** What a reader sets, by the names of the controls; a control that is left out stays as it is by default. */
export interface Asked {
  readonly preset?: "frame-rate" | "interactive" | "batch";
  readonly batch?: "1" | "16";
  readonly budget?: string;
  readonly metric?: "fid" | "coverage";
  readonly floor?: string;
  readonly hour?: string;
  readonly volume?: string;
  readonly labels?: "none" | "any" | "given";
  readonly prefer?: "cheapest" | "best";
}

interface Case {
  readonly asked: Asked;
  readonly answer?: string;
  /** Words that the answer holds. */
  readonly says?: string[];
}

/** Asked with every model let in, the conditional ones too. */
const amongAll: readonly Case[] = [
  // 100 + 1e6 x 0.002 = 2,100 s; the student 350 + 4,000 s
  {
    asked: {},
    answer: GAN,
    says: [
      "the cheapest of all 4 settings, each of which qualifies",
      "2 s of machine time per 1,000 images and 100 s to train: 35 min for 1,000,000 images",
    ],
  },
  { asked: { floor: "28" }, answer: STUDENT },
  { asked: { floor: "22" }, answer: TEN },
  { asked: { floor: "15" }, answer: FIFTY, says: ["the only one of 4 settings that qualifies"] },
  { asked: { floor: "10" }, says: ["FID of 12 misses 10 by 2"] },
  {
    asked: { floor: "15", budget: "99" },
    says: ["its 100 ms miss the budget by 1 ms (1.01 times the budget)", "FID of 20 misses 15 by 5"],
  },
  { asked: { preset: "frame-rate" }, answer: GAN },
  { asked: { preset: "frame-rate", floor: "28" }, answer: STUDENT },
  {
    asked: { preset: "frame-rate", floor: "22" },
    says: ["its 20 ms miss the budget by 3.3 ms (1.2 times the budget)", "FID of 25 misses 22 by 3"],
  },
  {
    asked: { budget: "1" },
    says: [
      "DCGAN is the fastest that is good enough, and its 2 ms miss the budget by 1 ms (2 times the budget)",
    ],
  },
  { asked: { prefer: "best" }, answer: FIFTY, says: ["the best in FID of all 4"] },
  { asked: { prefer: "best", preset: "frame-rate" }, answer: STUDENT },
  { asked: { metric: "coverage" }, answer: FIFTY },
  { asked: { metric: "coverage", floor: "0.65" }, answer: TEN },
  { asked: { metric: "coverage", floor: "0.95" }, says: ["coverage of 0.9 misses 0.95 by 0.05"] },
  // 200 + 0.02 v = 350 + 0.004 v at v = 9,375
  { asked: { floor: "28", volume: "9000" }, answer: TEN },
  { asked: { floor: "28", volume: "10000" }, answer: STUDENT },
  { asked: { preset: "batch", floor: "22" }, answer: TEN },
  {
    asked: { batch: "16", floor: "22" },
    says: ["its 240 ms miss the budget by 140 ms (2.4 times the budget)", "FID of 25 misses 22 by 3"],
  },
  { asked: { batch: "16", floor: "28" }, answer: STUDENT },
  // 3.6 an hour is 0.001 a second: 2 s for 1,000 images, 100 s to train, 2,100 s in total
  {
    asked: { hour: "3.6" },
    answer: GAN,
    says: ["0.002 USD per 1,000 images", "0.1 USD to train: 2.1 USD for"],
  },
];

export const cases: readonly Case[] = [
  ...amongAll.map((one) => ({ ...one, asked: { labels: "any" as const, ...one.asked } })),
  { asked: { labels: "given" }, answer: TEN, says: ["of the 2 of 4"] },
  // no label asked for: the models that are told labels stand aside, though they meet a floor of 15 and 22
  { asked: {}, answer: GAN, says: ["the cheapest of the 2 of 4 settings that qualify"] },
  { asked: { prefer: "best" }, answer: STUDENT, says: ["the best in FID of the 2 of 4"] },
  { asked: { floor: "22" }, says: ["FID of 25 misses 22 by 3"] },
  { asked: { metric: "coverage", floor: "0.65" }, says: ["coverage of 0.6 misses 0.65 by 0.05"] },
];

/** What a variant of the run changes. */
export interface Variant {
  /** Times that a request takes as long. */
  readonly slower?: number;
  readonly ganFid?: number;
  /** Price of an hour, USD. */
  readonly perHour?: number;
  /** Seeds that every setting is scored at, with equal results; 1 where left out. */
  readonly seeds?: readonly number[];
}

export function deploymentRun({ slower = 1, ganFid, perHour, seeds = [1] }: Variant = {}): {
  run: Run;
  cells: Cell[];
} {
  const { run } = fixture();
  const [ddpm, dcgan] = run.models;
  const done = (id: string, record: CellRecord): Cell => ({
    id,
    configHash: "0".repeat(64),
    startedAt: run.startedAt,
    seconds: 1,
    state: "done",
    record,
  });
  const cells = [
    ...Object.entries(trainSeconds).map(([model, seconds]) =>
      done(`train-${model}`, training(model, seconds)),
    ),
    ...Array.from({ length: 5 }, (_, process) => done(`latency-${process}`, latency(process, slower))),
    done("anchors", {
      kind: "anchors",
      n: 1000,
      real: quality("none", 0, 2, 0.95),
      noise: quality("none", 0, 302, 0.05),
    }),
    ...["dcgan", "student", "ddpm"].flatMap((model) =>
      seeds.map((seed) =>
        done(`diversity-${model}-${seed}`, {
          kind: "diversity",
          model,
          seed,
          settings: settings
            .filter((one) => one.model === model)
            .map(({ sampler, steps, fid, coverage }) =>
              quality(sampler, steps, model === "dcgan" ? (ganFid ?? fid) : fid, coverage),
            ),
        }),
      ),
    ),
  ];
  const plan = cells.map(({ id, configHash }) => ({
    id,
    kind: id.replace(/-.*/, ""),
    configHash,
    needs: [],
  }));
  const models = [
    { ...ddpm!, classes: 10 },
    { ...ddpm!, id: "student", title: "Student", teacher: "ddpm" },
    dcgan!,
  ];
  const config = perHour === undefined ? run.config : { ...run.config, price: { perHour, currency: "USD" } };
  return { run: { ...run, config, models, plan }, cells };
}

/** Writes it as a run folder. */
export async function writeDeployments(dir: string): Promise<void> {
  const { run, cells } = deploymentRun();
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, "run.json"), JSON.stringify(run));
  await writeFile(join(dir, "cells.jsonl"), cells.map((cell) => `${JSON.stringify(cell)}\n`).join(""));
}

const training = (model: string, seconds: number): CellRecord => ({
  kind: "train",
  model,
  seed: 1,
  outcome: "trained",
  steps: 10,
  imagesSeen: 1000,
  seconds,
  compileSeconds: 1,
  imagesPerSecond: 1000 / seconds,
  peakRssMiB: 100,
  curves: [],
  snapshots: [],
  checkpoint: { path: `checkpoints/${model}.safetensors`, sha256: "0".repeat(64), bytes: 1 },
});

/** Every request of a setting takes the same time, so that all its percentiles are that time. */
const latency = (process: number, slower: number): CellRecord => ({
  kind: "latency",
  process,
  peakRssMiB: 100,
  series: settings.flatMap(({ model, sampler, steps, ms }) =>
    ([1, 16] as const).map((batch) => ({
      model,
      seed: 1,
      sampler,
      steps,
      batch,
      networkEvaluations: steps,
      compileMs: 10,
      firstMs: 10,
      samplesMs: Array.from({ length: 40 }, () => ms[batch] * slower),
    })),
  ),
});

const quality = (sampler: string, steps: number, fid: number, coverage: number): Quality => ({
  sampler,
  steps,
  networkEvaluations: steps,
  n: 1000,
  metrics: [
    { metric: "fid", value: fid, protocol: "n 1000", direction: "lower" },
    { metric: "coverage_k5", value: coverage, protocol: "n 1000", direction: "higher" },
  ],
  undefinedMetrics: [],
  modeCounts: [],
});
