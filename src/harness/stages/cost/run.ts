/**
 * Time of one network evaluation over a ladder of sizes of each configured network, with random weights. The report fits
 * its cost model to these times and checks it at the sizes held out. Nothing is trained.
 */
import { rng } from "../../../core/rng.ts";
import { median, quantile } from "../../../core/statistics/index.ts";
import type { Engine, HostTensor } from "../../../engine/contract.ts";
import type { Model } from "../../../models/index.ts";
import type { CostPoint } from "../../record/index.ts";
import type { SuiteConfig } from "../../suite/index.ts";
import { defineStage } from "../shared/define.ts";
import { createModel, modelConfig, trainedKind } from "../shared/models.ts";
import { cellIds, freshModels } from "../shared/plan.ts";
import { timed } from "../shared/timed.ts";
import { addWork, noWork, samplingWork } from "../shared/work.ts";

/** Evaluations per size that the plan assumes. */
const PLANNED_SAMPLES = 20;

/** A U-Net's widths are multiples of its normalisation's groups; these where it does not say. */
const WIDTH_STEP = 8;

/** Factors on the configured width and on the images' edge. Held out of the fit: one size between the fitted ones, and two beyond them, in width and in pixels. */
const ladder = [
  { width: 0.5, size: 1, heldOut: false },
  { width: 1, size: 1, heldOut: false },
  { width: 1.5, size: 1, heldOut: false },
  { width: 0.5, size: 2, heldOut: false },
  { width: 0.75, size: 1, heldOut: true },
  { width: 2, size: 1, heldOut: true },
  { width: 1, size: 2, heldOut: true },
];

/** The sizes of a configured model, each once, in the ladder's order. */
export function variantsOf(config: SuiteConfig, id: string, labels: number) {
  const configured = modelConfig(config, id);
  const { options } = configured;
  const option = trainedKind(config, id).widthOption!;
  const { size } = config.dataset;
  const step = Number(options.groups ?? WIDTH_STEP);
  const attention = options.attention as readonly number[] | undefined;
  const made = ladder.map(({ width, size: grown, heldOut }) => {
    const widened = step * Math.max(1, Math.round((width * Number(options[option])) / step));
    const changed = {
      ...options,
      [option]: widened,
      ...(attention && { attention: attention.map((resolution) => resolution * grown) }),
    };
    const scaled: SuiteConfig = {
      ...config,
      dataset: { ...config.dataset, size: size * grown },
      models: { [id]: { ...configured, options: changed } },
    };
    return {
      id,
      /** E.g. `base 32, 16 px`. */
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

/** Milliseconds of each evaluation, its outputs on the host, after an untimed one. */
async function timeEvaluations(engine: Engine, model: Model, batch: number, seconds: number) {
  const weights = model.samplingWeights(model.initialState(rng(0).fold("cost")));
  const compiled = await engine.compile(
    `evaluate-${batch}`,
    model.network.program,
    model.network.signature(batch),
    { constants: weights, sampling: true },
  );
  const inputs = inputsOf(model, batch);
  const evaluate = async () => {
    const outputs = await compiled.run(inputs);
    for (const value of Object.values(outputs)) {
      await value.read();
      value.dispose();
    }
    await engine.drain();
  };
  const { samplesMs } = await timed(evaluate, { seconds });
  compiled.dispose();
  return samplesMs;
}

export const costStage = defineStage({
  kind: "cost",
  alone: true,
  title: "times one network evaluation over a ladder of network sizes",

  options: ({ stages }) => stages.cost,

  plan(cost, config) {
    const networks = Object.fromEntries(
      freshModels(config).map((id) => {
        const { type, options } = modelConfig(config, id);
        return [id, { type, options }];
      }),
    );
    const { size, channels } = config.dataset;
    return [{ id: cellIds.cost, needs: [], settings: { ...cost, size, channels, networks } }];
  },

  work({ batches }, _cell, config, facts) {
    const images = batches.reduce((sum, batch) => sum + batch, 0) * PLANNED_SAMPLES;
    const scale = ladder.reduce((sum, { width, size }) => sum + (width * size) ** 2, 0);
    const fresh = freshModels(config);
    return facts
      .filter(({ id }) => fresh.includes(id))
      .map((model) => {
        const work = samplingWork(model, images);
        return { ...work, evaluations: work.evaluations * ladder.length, flops: work.flops * scale };
      })
      .reduce(addWork, noWork);
  },

  async run({ config, labels, engine, progress }, { batches, seconds }) {
    const variants = freshModels(config).flatMap((id) => variantsOf(config, id, labels));
    const arms = variants.flatMap((variant) => batches.map((batch) => ({ ...variant, batch })));
    const points: CostPoint[] = [];
    // a slow spell of the machine must not affect neighbouring sizes alone
    const order = rng(config.seed).fold("cost order").permutation(arms.length);
    for (const [done, index] of order.entries()) {
      const { id, variant, model, batch, heldOut } = arms[index]!;
      const samples = await timeEvaluations(engine, model, batch, seconds);
      points[index] = {
        model: id,
        side: model.side,
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
});
