/**
 * Wall-clock per request. The process is the unit: every cell is one process that times every setting of every model,
 * in an order of its own, so that a slow spell of the machine does not fall on one arm. Cold start (compiling and the
 * first request) is apart from steady state; a reading ends once the images are on the host.
 */
import { Bench } from "tinybench";
import { rng } from "../../../core/rng.ts";
import { median } from "../../../core/statistics/index.ts";
import type { Engine } from "../../../engine/contract.ts";
import type { Generator, Model, SamplerSetting, State } from "../../../models/index.ts";
import type { LatencySeries } from "../../record/index.ts";
import type { PlannedCell, Stage } from "../contract.ts";
import {
  createModel,
  isFreelySampled,
  modelConfig,
  recorded,
  samplerSettings,
  trainedWeights,
} from "../shared/models.ts";
import { cellIds } from "../shared/names.ts";
import { addWork, noWork, samplingWork, stepsOf } from "../shared/work.ts";
import { watchGpu } from "./nvidia.ts";
import { raplMeter } from "./rapl.ts";
import { type TimedReads, timedReads } from "./read-back.ts";

const MINIMUM_REQUESTS = 3;
/** Readings of a GPU's power that its energy is added up from, at least. */
const LEAST_READINGS = 5;

interface Arm {
  readonly id: string;
  readonly model: Model;
  readonly weights: State;
  readonly setting: SamplerSetting;
  readonly batch: number;
}

/** Milliseconds of each request in time order; tinybench drives, but hands its own samples back sorted. */
async function timeRequests(
  engine: Engine,
  generator: Generator,
  labels: readonly number[] | undefined,
  limits: { requests: number; seconds: number },
  reads: TimedReads | undefined,
  onWarm: () => void,
): Promise<{ firstMs: number; samplesMs: number[]; readBackMs?: number }> {
  let index = 0;
  const request = async () => {
    const started = performance.now();
    await generator.generate(rng(0).fold("latency"), index, labels);
    await engine.drain();
    index += generator.batch;
    return performance.now() - started;
  };
  const firstMs = await request();
  reads?.take();
  onWarm();
  const samplesMs: number[] = [];
  const readsMs: number[] = [];
  const affordable = Math.floor((1000 * limits.seconds) / Math.max(firstMs, 1e-3));
  const bench = new Bench({
    iterations: Math.min(limits.requests, Math.max(MINIMUM_REQUESTS, affordable)),
    time: 0,
    warmup: false, // the first request has warmed it, and is reported by itself
  });
  bench.add("request", async () => {
    const ms = await request();
    samplesMs.push(ms);
    if (reads) readsMs.push(reads.take());
    return { overriddenDuration: ms };
  });
  await bench.run();
  const result = bench.tasks[0]!.result;
  if (result.state === "errored") throw result.error;
  return { firstMs, samplesMs, readBackMs: reads ? median(readsMs) : undefined };
}

export const latencyStage: Stage = {
  kind: "latency",
  alone: true,
  title: "times requests against sampling steps and batch size, in several processes",

  plan(config) {
    const { latency } = config.stages;
    if (!latency) return [];
    const needs = Object.keys(config.models).map((model) => cellIds.train(model, config.seed));
    const sampling = Object.fromEntries(
      Object.entries(config.models).map(([id, model]) => [id, model.sampling]),
    );
    const { processes, ...settings } = latency;
    return Array.from(
      { length: processes },
      (_, process): PlannedCell => ({
        id: cellIds.latency(process),
        kind: "latency",
        needs,
        settings: { process, ...settings, models: sampling },
      }),
    );
  },

  work(_cell, config, models) {
    const { latency } = config.stages;
    if (!latency) return noWork;
    const images = latency.batches.reduce((sum, batch) => sum + batch, 0) * (1 + latency.requests);
    return models
      .map((model) => {
        const extra = isFreelySampled(config, model.id) ? latency.sampling : [];
        return samplingWork(model, images * stepsOf(modelConfig(config, model.id).sampling, extra));
      })
      .reduce(addWork, noWork);
  },

  async run({ cell, config, labels, out, engine: given, record, progress }) {
    const onGpu = given.device.kind === "gpu";
    const reads = onGpu ? timedReads(given) : undefined;
    const engine = reads?.engine ?? given;
    const gpu = onGpu ? await watchGpu() : undefined;
    const meter = onGpu ? gpu : raplMeter();
    const latency = config.stages.latency!;
    const { process: number } = cell.settings as { process: number };
    const arms: Arm[] = [];
    for (const id of Object.keys(config.models)) {
      const trained = record("train", cellIds.train(id, config.seed));
      const model = createModel(config, id, labels);
      const weights = await trainedWeights(out, model, trained.checkpoint);
      const extra = isFreelySampled(config, id) ? latency.sampling : [];
      for (const setting of samplerSettings(modelConfig(config, id).sampling, extra))
        for (const batch of latency.batches) arms.push({ id, model, weights, setting, batch });
    }
    const order = rng(config.seed).fold("latency order").fold(number).permutation(arms.length);
    const measured: (LatencySeries & { model: string; seed: number })[] = [];
    for (const [done, index] of order.entries()) {
      const { id, model, weights, setting, batch } = arms[index]!;
      const generator = await model.generator(engine, weights, setting, batch);
      const asked =
        model.classes > 0 ? Array.from({ length: batch }, (_, i) => i % model.classes) : undefined;
      let before = { joules: 0, readings: 0 };
      const timed = await timeRequests(engine, generator, asked, latency, reads, () => {
        before = { joules: meter?.joules() ?? 0, readings: gpu?.readings ?? 0 };
      });
      const told = meter && (!gpu || gpu.readings - before.readings >= LEAST_READINGS);
      measured[index] = {
        model: id,
        seed: config.seed,
        ...recorded(setting),
        batch,
        networkEvaluations: generator.networkEvaluations,
        compileMs: generator.compileMs,
        ...timed,
        energy: told ? { joules: meter.joules() - before.joules, source: meter.source } : undefined,
      };
      progress({ done: done + 1, total: arms.length, note: `${id} ${setting.sampler} ${setting.steps}` });
    }
    gpu?.stop();
    return {
      kind: "latency",
      process: number,
      series: measured,
      peakRssMiB: process.resourceUsage().maxRSS / 1024,
      peakGpuMiB: gpu?.peakMiB,
    };
  },
};
