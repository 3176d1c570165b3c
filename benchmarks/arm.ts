/**
 * One arm of the benchmark in one process: our models on one engine. Prints a JSON line per measurement, in the form of
 * the peers' scripts (peers/README.md), so that the two can be put side by side.
 *
 *     tsx benchmarks/arm.ts ENGINE PROVIDER MODEL [train|eval] [MAX_SECONDS] [PROFILE_PREFIX]
 */

import { rng } from "../src/core/rng.ts";
import { median, quantile } from "../src/core/statistics.ts";
import { openEngine, type RungId } from "../src/engine/choice/index.ts";
import type { Compiled, Engine, HostTensor, Program, Signature, Value } from "../src/engine/contract.ts";
import { type Model, type ModelKind, models } from "../src/models/index.ts";

const SIZE = 28;
const TRAINING_BATCH = 32;
/** The reference engine is so slow that a small batch stands for the large one; images/s is what is compared. */
const REFERENCE_BATCH = 1;

export const settings = {
  ddpm: { size: SIZE, channels: 1, base: 32, multipliers: [1, 2, 2], blocks: 2, attention: [14, 7], clip: 0 },
  dcgan: { size: SIZE, channels: 1, generatorWidth: 64, discriminatorWidth: 64 },
} as const;

const [engineName, provider, modelName, mode, maxSeconds = "4", profile] = process.argv.slice(2);

function emit(what: string, batch: number, ms: number[], compiled: Compiled, model: Model): void {
  console.log(
    JSON.stringify({
      peer: engineName,
      provider,
      what,
      batch,
      median_ms: median(ms),
      p10_ms: quantile(ms, 0.1),
      p90_ms: quantile(ms, 0.9),
      images_per_s: (1000 * batch) / median(ms),
      repeats: ms.length,
      nodes: compiled.statistics.nodes,
      compile_ms: compiled.statistics.traceMs + compiled.statistics.compileMs,
      params: model.parameters,
      peak_rss_mib: process.resourceUsage().maxRSS / 1024,
    }),
  );
}

/** Milliseconds of each call, after two untimed ones. */
async function time(engine: Engine, call: () => Promise<void>): Promise<number[]> {
  const slow = engine.name === "reference";
  if (!slow) for (let i = 0; i < 2; i++) await call();
  await engine.drain();
  const ms: number[] = [];
  let spent = 0;
  while (ms.length < 50 && spent < 1000 * Number(maxSeconds)) {
    const started = performance.now();
    await call();
    await engine.drain();
    ms.push(performance.now() - started);
    spent += ms.at(-1)!;
  }
  return ms;
}

/**
 * Inputs as a trained network sees them. Weights are drawn small: with large ones attention saturates, its products are
 * full of denormal numbers, and what is timed is the processor's way with those.
 */
const filled = (signature: Signature): Record<string, HostTensor> =>
  Object.fromEntries(
    Object.entries(signature).map(([name, { shape }]) => {
      const data = rng(0)
        .fold(name)
        .fillNormal(new Float32Array(shape.reduce((a, b) => a * b, 1)));
      if (name === "weights")
        data.forEach((x, i) => {
          data[i] = 0.05 * x;
        });
      if (name === "statistics")
        data.forEach((x, i) => {
          data[i] = Math.abs(x) + 0.5;
        });
      return [name, { shape, data: name === "t" ? data.fill(500) : data }];
    }),
  );

async function timeTraining(engine: Engine, model: Model): Promise<void> {
  const batch = engine.name === "reference" ? REFERENCE_BATCH : TRAINING_BATCH;
  const compiled = await engine.compile("train", model.trainStep as Program, {
    ...model.state,
    ...model.feedSignature(batch),
  });
  let state: Record<string, Value | HostTensor> = { ...model.initialState(rng(0)) };
  const data = rng(1).fillNormal(new Float32Array(batch * SIZE * SIZE));
  const images = { data, count: batch, height: SIZE, width: SIZE, channels: 1 };
  let step = 0;
  const ms = await time(engine, async () => {
    const outputs = await compiled.run({
      ...state,
      ...model.feed({ images, labels: new Uint16Array(images.count) }, rng(2), ++step),
    });
    for (const value of Object.values(state)) if ("dispose" in value) value.dispose();
    state = Object.fromEntries(Object.keys(model.state).map((name) => [name, outputs[name]!]));
  });
  emit(`${modelName}.train`, batch, ms, compiled, model);
}

async function timeEvaluation(engine: Engine, model: Model): Promise<void> {
  for (const batch of engine.name === "reference" ? [1] : [1, 16, 64]) {
    const inputs = filled(model.network.signature(batch));
    const { weights, statistics, ...given } = inputs;
    const constants = { weights: weights!, ...(statistics ? { statistics } : {}) };
    const compiled = await engine.compile("evaluate", model.network.program, model.network.signature(batch), {
      constants,
    });
    const ms = await time(engine, async () => {
      const outputs = await compiled.run(given);
      for (const value of Object.values(outputs)) {
        await value.read();
        value.dispose();
      }
    });
    emit(`${modelName}.${modelName === "ddpm" ? "eval" : "sample"}`, batch, ms, compiled, model);
    compiled.dispose();
  }
}

const engine = await openEngine({ engine: engineName, provider } as RungId, profile ? { profile } : {});
const id = modelName as keyof typeof settings;
const model = (models[id] as ModelKind).create(settings[id]);
if (mode === undefined || mode === "train") await timeTraining(engine, model);
if (mode === undefined || mode === "eval") await timeEvaluation(engine, model);
await engine.dispose();
