/**
 * Wall-clock per request. The process is the unit: every cell is one process that times every setting of every model,
 * in an order of its own, so that a slow spell of the machine does not fall on one arm. Cold start (compiling and the
 * first request) is apart from steady state; a reading ends once the images are on the host.
 */
import { rng } from "../../../core/rng.ts";
import { median } from "../../../core/statistics/index.ts";
import type { SamplerSetting } from "../../../models/index.ts";
import type { LatencySeries, RecordOf } from "../../record/index.ts";
import { defineStage } from "../shared/define.ts";
import { modelConfig, recorded, timedSettings } from "../shared/models.ts";
import { loadModel, type OpenModel } from "../shared/open.ts";
import { cellIds, trainingOf } from "../shared/plan.ts";
import { timed } from "../shared/timed.ts";
import { addWork, evaluationsOf, noWork, samplingWork } from "../shared/work.ts";
import { watchGpu } from "./nvidia.ts";
import { raplMeter } from "./rapl.ts";
import { timedReads } from "./read-back.ts";

/** The fewest readings of a GPU's power from which its energy is computed. */
const LEAST_READINGS = 5;

export const latencyStage = defineStage({
  kind: "latency",
  alone: true,
  title: "times requests against sampling steps and batch size, in several processes",

  options: ({ stages }) => stages.latency,

  plan({ processes, ...settings }, config) {
    const ids = Object.keys(config.models);
    const models = Object.fromEntries(ids.map((id) => [id, modelConfig(config, id).sampling]));
    return Array.from({ length: processes }, (_, process) => ({
      id: cellIds.latency(process),
      needs: ids.flatMap((id) => trainingOf(config, id, config.seed)),
      settings: { process, ...settings, models },
    }));
  },

  runsWithout: (config, missing) =>
    Object.keys(config.models).some(
      (id) => !trainingOf(config, id, config.seed).some((need) => missing.includes(need)),
    ),

  work({ batches, requests }, _cell, config, models) {
    const images = batches.reduce((sum, batch) => sum + batch, 0) * (1 + requests);
    return models
      .map((model) => samplingWork(model, images * evaluationsOf(timedSettings(config, model.id))))
      .reduce(addWork, noWork);
  },

  async run(context, { batches, requests, seconds }) {
    const { config, progress } = context;
    const onGpu = context.engine.device.kind === "gpu";
    const reads = onGpu ? timedReads(context.engine) : undefined;
    const engine = reads?.engine ?? context.engine;
    const gpu = onGpu ? await watchGpu() : undefined;
    const meter = onGpu ? gpu : raplMeter();
    const number = context.cell.settings.process;
    const without: NonNullable<RecordOf<"latency">["without"]> = [];
    const arms: (OpenModel & { setting: SamplerSetting; batch: number })[] = [];
    for (const id of Object.keys(config.models)) {
      const why = trainingOf(config, id, config.seed).flatMap((need) => context.missing(need) ?? [])[0];
      if (why !== undefined) {
        without.push({ model: id, why });
        continue;
      }
      const opened = await loadModel(context, id, config.seed);
      for (const setting of timedSettings(config, id))
        for (const batch of batches) arms.push({ ...opened, setting, batch });
    }
    const order = rng(config.seed).fold("latency order").fold(number).permutation(arms.length);
    const measured: (LatencySeries & { model: string; seed: number })[] = [];
    for (const [done, index] of order.entries()) {
      const { id, seed, model, weights, setting, batch } = arms[index]!;
      const generator = await model.generator(engine, weights, setting, batch);
      const labels =
        model.classes > 0 ? Array.from({ length: batch }, (_, i) => i % model.classes) : undefined;
      let next = 0;
      const readsMs: number[] = [];
      const request = async () => {
        await generator.generate(rng(0).fold("latency"), next, labels);
        await engine.drain();
        next += batch;
        if (reads) readsMs.push(reads.take());
      };
      let before = { joules: 0, readings: 0 };
      const onWarm = () => {
        before = { joules: meter?.joules() ?? 0, readings: gpu?.readings ?? 0 };
      };
      const timing = await timed(request, { seconds, most: requests, onWarm });
      const metered = meter && (!gpu || gpu.readings - before.readings >= LEAST_READINGS);
      measured[index] = {
        model: id,
        seed,
        ...recorded(setting),
        batch,
        networkEvaluations: generator.networkEvaluations,
        compileMs: generator.compileMs,
        ...timing,
        readBackMs: reads ? median(readsMs.slice(1)) : undefined, // the first request is not in the series
        energy: metered ? { joules: meter.joules() - before.joules, source: meter.source } : undefined,
      };
      progress({ done: done + 1, total: arms.length, note: `${id} ${setting.sampler} ${setting.steps}` });
    }
    gpu?.stop();
    return {
      kind: "latency",
      process: number,
      series: measured,
      without: without.length > 0 ? without : undefined,
      peakRssMiB: process.resourceUsage().maxRSS / 1024,
      peakGpuMiB: gpu?.peakMiB,
    };
  },
});
