/**
 * Time of one network evaluation over a ladder of sizes of each configured network, with random weights: what the
 * report's cost model is fitted to, and, at the sizes held out, held against. Nothing is trained.
 */
import { rng } from "../../../core/rng.ts";
import { median, quantile } from "../../../core/statistics/index.ts";
import type { Engine, HostTensor } from "../../../engine/contract.ts";
import { type Model, type ModelKind, models } from "../../../models/index.ts";
import type { CostPoint } from "../../record/index.ts";
import type { SuiteConfig } from "../../suite/index.ts";
import type { Stage } from "../contract.ts";
import { createModel, modelConfig } from "../shared/models.ts";
import { cellIds } from "../shared/names.ts";
import { addWork, noWork, samplingWork } from "../shared/work.ts";

const MINIMUM_SAMPLES = 3;
/** Evaluations per size that the plan counts on: few, for a size is given seconds. */
const PLANNED_SAMPLES = 20;

/** The option that sets the width of each family's sampling network. */
const widthOption = { diffusion: "base", gan: "generatorWidth" } as const satisfies Record<
  Model["family"],
  string
>;
/** A U-Net's widths are multiples of its normalisation's groups. */
const WIDTH_STEP = 8;

interface Rung {
  /** Factors on the configured width and on the images' edge. */
  readonly width: number;
  readonly size: number;
  readonly heldOut: boolean;
}

/** One size between those fitted to is held out, and two beyond them, each of the most arithmetic of its kind. */
const ladder: readonly Rung[] = [
  { width: 0.5, size: 1, heldOut: false },
  { width: 1, size: 1, heldOut: false },
  { width: 1.5, size: 1, heldOut: false },
  { width: 0.5, size: 2, heldOut: false },
  { width: 0.75, size: 1, heldOut: true },
  { width: 2, size: 1, heldOut: true },
  { width: 1, size: 2, heldOut: true },
];

export interface Variant {
  readonly id: string;
  /** E.g. `base 32, 16 px`. */
  readonly variant: string;
  readonly model: Model;
  readonly heldOut: boolean;
}

/** Models whose network is no other's over again: a student has its teacher's. */
export function costedModels({ models: configured }: SuiteConfig): string[] {
  return Object.keys(configured).filter((id) => configured[id]!.teacher === undefined);
}

/** The sizes of a configured model, each once, in the ladder's order. */
export function variantsOf(config: SuiteConfig, id: string, labels: number): Variant[] {
  const { type, options, ...rest } = modelConfig(config, id);
  const kind = (models as Readonly<Record<string, ModelKind>>)[type]!;
  const option = widthOption[kind.family];
  const { size, channels } = config.dataset;
  const full = kind.schema.partial({ size: true, channels: true } as never).parse(options);
  const made = ladder.map(({ width, size: grown, heldOut }): Variant => {
    const widened = Math.max(
      WIDTH_STEP,
      WIDTH_STEP * Math.round((width * Number(full[option])) / WIDTH_STEP),
    );
    const attention = full.attention as readonly number[] | undefined;
    const changed = {
      ...options,
      [option]: widened,
      ...(attention ? { attention: attention.map((resolution) => resolution * grown) } : {}),
    };
    const scaled: SuiteConfig = {
      ...config,
      dataset: { ...config.dataset, size: size * grown, channels },
      models: { [id]: { type, options: changed, ...rest } },
    };
    return {
      id,
      variant: `${option} ${widened}, ${size * grown} px`,
      model: createModel(scaled, id, labels),
      heldOut,
    };
  });
  return made.filter(({ variant }, i) => made.findIndex((earlier) => earlier.variant === variant) === i);
}

/** Inputs of one evaluation: normal images or latents, the first step and the first label. */
function inputsOf(model: Model, batch: number): Record<string, HostTensor> {
  return Object.fromEntries(
    Object.entries(model.network.signature(batch)).map(([name, { shape, dtype }]): [string, HostTensor] => {
      const count = shape.reduce((product, d) => product * d, 1);
      if (dtype === "int32") return [name, { shape, data: new Int32Array(count) }];
      const data = new Float32Array(count);
      return [name, { shape, data: name === "t" ? data : rng(0).fold(name).fillNormal(data) }];
    }),
  );
}

/** Milliseconds of each evaluation, its result on the host, after an untimed one. */
async function timeEvaluations(
  engine: Engine,
  model: Model,
  batch: number,
  seconds: number,
): Promise<number[]> {
  const weights = model.samplingWeights(model.initialState(rng(0).fold("cost")));
  const compiled = await engine.compile(
    `evaluate-${batch}`,
    model.network.program,
    model.network.signature(batch),
    { constants: weights, sampling: true },
  );
  const given = inputsOf(model, batch);
  const evaluate = async () => {
    const outputs = await compiled.run(given);
    for (const value of Object.values(outputs)) {
      await value.read();
      value.dispose();
    }
    await engine.drain();
  };
  await evaluate();
  const samples: number[] = [];
  const begun = performance.now();
  while (samples.length < MINIMUM_SAMPLES || performance.now() - begun < 1000 * seconds) {
    const started = performance.now();
    await evaluate();
    samples.push(performance.now() - started);
  }
  compiled.dispose();
  return samples;
}

export const costStage: Stage = {
  kind: "cost",
  alone: true,
  title: "times one network evaluation over a ladder of network sizes",

  plan(config) {
    const { cost } = config.stages;
    if (!cost) return [];
    const networks = Object.fromEntries(
      costedModels(config).map((id) => [
        id,
        { type: modelConfig(config, id).type, options: modelConfig(config, id).options },
      ]),
    );
    const { size, channels } = config.dataset;
    return [{ id: cellIds.cost, kind: "cost", needs: [], settings: { ...cost, size, channels, networks } }];
  },

  work(_cell, config, facts) {
    const images = config.stages.cost!.batches.reduce((sum, batch) => sum + batch, 0) * PLANNED_SAMPLES;
    const scale = ladder.reduce((sum, { width, size }) => sum + (width * size) ** 2, 0);
    return facts
      .filter(({ id }) => costedModels(config).includes(id))
      .map((model) => {
        const work = samplingWork(model, images);
        return { ...work, evaluations: work.evaluations * ladder.length, flops: work.flops * scale };
      })
      .reduce(addWork, noWork);
  },

  async run({ config, labels, engine, progress }) {
    const { batches, seconds } = config.stages.cost!;
    const variants = costedModels(config).flatMap((id) => variantsOf(config, id, labels));
    const arms = variants.flatMap((variant) => batches.map((batch) => ({ ...variant, batch })));
    const points: CostPoint[] = [];
    // a slow spell of the machine must not fall on neighbouring sizes
    const order = rng(config.seed).fold("cost order").permutation(arms.length);
    for (const [done, index] of order.entries()) {
      const { id, variant, model, batch, heldOut } = arms[index]!;
      const samples = await timeEvaluations(engine, model, batch, seconds);
      points[index] = {
        model: id,
        family: model.family,
        variant,
        batch,
        parameters: model.samplingParameters,
        flopsPerEvaluation: model.flopsPerEvaluation,
        milliseconds: median(samples),
        low: quantile(samples, 0.25),
        high: quantile(samples, 0.75),
        samples: samples.length,
        heldOut,
      };
      progress({ done: done + 1, total: arms.length, note: `${id}, ${variant}, batch ${batch}` });
    }
    return { kind: "cost", points };
  },
};
