/**
 * One arm of the benchmark in one process: our models on one engine. Prints a JSON line per measurement, in the form of
 * the peers' scripts (peers/README.md), so that the two can be put side by side.
 *
 *     tsx benchmarks/arm.ts --setting ddpm --mode train|eval|overhead|limit [--engine onnx] [--provider cpu] [--threads N]
 *                           [--batches 1,16,64] [--precision float32|float16] [--seconds 4] [--profile PREFIX]
 */
import { parseArgs } from "node:util";
import * as tf from "@tensorflow/tfjs-core";
import { type Rng, rng } from "../src/core/rng.ts";
import { median, quantile } from "../src/core/statistics/index.ts";
import { openEngine, type RungId } from "../src/engine/choice/index.ts";
import type {
  Compiled,
  Engine,
  HostTensor,
  Precision,
  Program,
  Signature,
  Value,
} from "../src/engine/contract.ts";
import type { Model } from "../src/models/index.ts";
import { modelOf, setting } from "./settings.ts";

const { values: flags } = parseArgs({
  options: {
    setting: { type: "string", default: "ddpm" },
    mode: { type: "string", default: "train" },
    engine: { type: "string", default: "onnx" },
    provider: { type: "string", default: "cpu" },
    threads: { type: "string" },
    batches: { type: "string", default: "1,16,64" },
    precision: { type: "string", default: "float32" },
    seconds: { type: "string", default: "4" },
    profile: { type: "string" },
  },
});

const chosen = setting(flags.setting);
/** The reference engine is so slow that one image stands for a batch; images/s is what is compared. */
const reference = flags.engine === "reference";

interface Timing {
  readonly ms: number[];
  /** Processor time of all threads over the timed calls, user and system, divided by their number. */
  readonly cpuMs: number;
}

function emit(what: string, batch: number, { ms, cpuMs }: Timing, compiled: Compiled, model: Model): void {
  console.log(
    JSON.stringify({
      peer: flags.engine,
      provider: flags.provider,
      what: `${chosen.family}.${what}`,
      batch,
      median_ms: median(ms),
      p10_ms: quantile(ms, 0.1),
      p90_ms: quantile(ms, 0.9),
      cpu_ms: cpuMs,
      images_per_s: (1000 * batch) / median(ms),
      repeats: ms.length,
      nodes: compiled.statistics.nodes,
      compile_ms: compiled.statistics.traceMs + compiled.statistics.compileMs,
      params: model.parameters,
      mflop: (batch * (what === "train" ? model.flopsPerTrainingImage : model.flopsPerEvaluation)) / 1e6,
      peak_rss_mib: process.resourceUsage().maxRSS / 1024,
    }),
  );
}

/** Times calls, after two untimed ones, for the seconds asked. */
async function time(engine: Engine, call: () => Promise<void>): Promise<Timing> {
  if (!reference) for (let i = 0; i < 2; i++) await call();
  await engine.drain();
  const ms: number[] = [];
  const before = process.cpuUsage();
  const begun = performance.now();
  while (ms.length < 1 || performance.now() - begun < 1000 * Number(flags.seconds)) {
    const started = performance.now();
    await call();
    await engine.drain();
    ms.push(performance.now() - started);
  }
  const { user, system } = process.cpuUsage(before);
  return { ms, cpuMs: (user + system) / 1000 / ms.length };
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
      const transform: Record<string, (x: number) => number> = {
        weights: (x) => 0.05 * x,
        statistics: (x) => Math.abs(x) + 0.5,
        t: () => 500,
      };
      return [name, { shape, data: transform[name] ? data.map(transform[name]) : data }];
    }),
  );

async function timeTraining(engine: Engine, model: Model): Promise<void> {
  const batch = reference ? 1 : chosen.batch;
  const { size, channels = 1 } = chosen;
  const compiled = await engine.compile("train", model.trainStep as Program, {
    ...model.state,
    ...model.feedSignature(batch),
  });
  let state: Record<string, Value | HostTensor> = { ...model.initialState(rng(0)) };
  const data = rng(1)
    .fillNormal(new Float32Array(batch * size * size * channels))
    .map(Math.tanh);
  const images = { data, count: batch, height: size, width: size, channels };
  let step = 0;
  const timing = await time(engine, async () => {
    const outputs = await compiled.run({
      ...state,
      ...model.feed({ images, labels: new Uint16Array(images.count) }, rng(2), ++step),
    });
    for (const value of Object.values(state)) if ("dispose" in value) value.dispose();
    state = Object.fromEntries(Object.keys(model.state).map((name) => [name, outputs[name]!]));
  });
  emit("train", batch, timing, compiled, model);
}

async function timeEvaluation(engine: Engine, model: Model): Promise<void> {
  for (const batch of reference ? [1] : flags.batches.split(",").map(Number)) {
    const inputs = filled(model.network.signature(batch));
    const { weights, statistics, ...given } = inputs;
    const constants = { weights: weights!, statistics };
    const compiled = await engine.compile("evaluate", model.network.program, model.network.signature(batch), {
      constants,
      sampling: true,
    });
    const timing = await time(engine, async () => {
      const outputs = await compiled.run(given);
      for (const value of Object.values(outputs)) {
        await value.read();
        value.dispose();
      }
    });
    emit(chosen.family === "ddpm" ? "eval" : "sample", batch, timing, compiled, model);
    compiled.dispose();
  }
}

/** Rate of a product of two matrices large enough to be limited by arithmetic alone. */
async function timeLimit(engine: Engine): Promise<void> {
  const edge = 1024;
  const square = { shape: [edge, edge], data: rng(0).fillNormal(new Float32Array(edge * edge)) };
  const compiled = await engine.compile("limit", ({ a, b }) => ({ c: tf.matMul(a!, b!) }), {
    a: square,
    b: square,
  });
  const { ms } = await time(engine, async () => {
    const { c } = await compiled.run({ a: square, b: square });
    c!.dispose();
  });
  console.log(JSON.stringify({ what: "limit", gflops: (2 * edge ** 3) / 1e6 / quantile(ms, 0.1) }));
}

/** A stream that reports how long its numbers took, in milliseconds. */
const timed = (stream: Rng, took: (ms: number) => void): Rng => ({
  uint32: () => stream.uint32(),
  uniform: () => stream.uniform(),
  integer: (bound) => stream.integer(bound),
  normal: () => stream.normal(),
  permutation: (n) => stream.permutation(n),
  fold: (label) => timed(stream.fold(label), took),
  fillNormal(...given) {
    const started = performance.now();
    const filled = stream.fillNormal(...given);
    took(performance.now() - started);
    return filled;
  },
});

/**
 * The harness's own time in a sampling step at batch 16: a whole generation, less the time spent inside the compiled
 * programs and in drawing the noise that the sampler asks for. Both shares of the whole are printed.
 */
async function timeOverhead(engine: Engine, model: Model): Promise<void> {
  const batch = 16;
  let inside = 0;
  const watched: Engine = {
    ...engine,
    async compile(...args: Parameters<Engine["compile"]>) {
      const compiled = await engine.compile(...args);
      return {
        ...compiled,
        async run(inputs: Parameters<typeof compiled.run>[0]) {
          const started = performance.now();
          const outputs = await compiled.run(inputs);
          inside += performance.now() - started;
          return outputs;
        },
      };
    },
  } as Engine;
  const weights = model.samplingWeights(model.initialState(rng(0)));
  const sampling = chosen.family === "ddpm" ? { sampler: "ddim", steps: 50 } : { sampler: "none", steps: 1 };
  const generator = await model.generator(watched, weights, { ...sampling, options: {} }, batch);
  let index = 0;
  let drawing = 0;
  const stream = timed(rng(1), (ms) => {
    drawing += ms;
  });
  const shares: { own: number; noise: number }[] = [];
  const { ms, cpuMs } = await time(engine, async () => {
    inside = 0;
    drawing = 0;
    const started = performance.now();
    await generator.generate(stream, index);
    const whole = performance.now() - started;
    shares.push({ own: 1 - (inside + drawing) / whole, noise: drawing / whole });
    index += batch;
  });
  console.log(
    JSON.stringify({
      what: `${chosen.family}.overhead`,
      batch,
      median_ms: median(ms),
      cpu_ms: cpuMs,
      evaluations: generator.networkEvaluations,
      overhead: median(shares.map(({ own }) => own)),
      noise: median(shares.map(({ noise }) => noise)),
      peak_rss_mib: process.resourceUsage().maxRSS / 1024,
    }),
  );
}

const engine = await openEngine({ engine: flags.engine, provider: flags.provider } as RungId, {
  threads: flags.threads ? Number(flags.threads) : undefined,
  profile: flags.profile,
  precision: flags.precision as Precision,
});
const model = modelOf(chosen);
if (flags.mode === "train") await timeTraining(engine, model);
if (flags.mode === "eval") await timeEvaluation(engine, model);
if (flags.mode === "overhead") await timeOverhead(engine, model);
if (flags.mode === "limit") await timeLimit(engine);
await engine.dispose();
