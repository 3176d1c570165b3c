/** What is compared: a model, and for a diffusion model the sampler and its step count. */
import type { Cell, ModelFacts, Run } from "../../record/index.ts";
import { records } from "./cells.ts";

/** Sampler name of a one-pass generator. */
export const ONE_PASS = "none";

export interface Setting {
  readonly model: string;
  readonly sampler: string;
  readonly steps: number;
}

/** Settings that share a line in a chart: one model and sampler over its step counts. */
export interface Series {
  readonly key: string;
  readonly model: string;
  readonly sampler: string;
  readonly family: ModelFacts["family"];
  readonly label: string;
  /** Position of the model within its family: fixes its colour in every chart. */
  readonly index: number;
  /** Position of the sampler within the model: fixes symbol and line pattern. */
  readonly variant: number;
}

export const settingKey = ({ model, sampler, steps }: Setting): string =>
  JSON.stringify([model, sampler, steps]);

export const seriesKey = ({ model, sampler }: Omit<Setting, "steps">): string =>
  JSON.stringify([model, sampler]);

/** Every series that has a latency or a quality reading; models in the run's order, samplers as they were recorded. */
export function seriesOf(run: Run, cells: readonly Cell[]): Series[] {
  const seen = new Map<string, Omit<Setting, "steps">>();
  const note = (model: string, sampler: string) => {
    const key = seriesKey({ model, sampler });
    if (!seen.has(key)) seen.set(key, { model, sampler });
  };
  for (const { model, settings } of records(cells, "diversity"))
    for (const { sampler } of settings) note(model, sampler);
  for (const { series } of records(cells, "latency"))
    for (const { model, sampler } of series) note(model, sampler);
  return run.models.flatMap(({ id, family, title }) =>
    [...seen]
      .filter(([, { model }]) => model === id)
      .map(([key, { model, sampler }], variant) => ({
        key,
        model,
        sampler,
        family,
        label: sampler === ONE_PASS ? title : `${title}, ${sampler}`,
        index: indexOf(run, model),
        variant,
      })),
  );
}

/** Position of a model among those of its family, in the run's order; 0 for one that run.json does not describe. */
export function indexOf(run: Run, model: string): number {
  const family = familyOf(run, model);
  const own = run.models.filter((one) => one.family === family);
  return Math.max(
    0,
    own.findIndex(({ id }) => id === model),
  );
}

/** Facts of a model; one that run.json does not describe goes by its id. */
export function titleOf(run: Run, model: string): string {
  return run.models.find(({ id }) => id === model)?.title ?? model;
}

export function familyOf(run: Run, model: string): ModelFacts["family"] | undefined {
  return run.models.find(({ id }) => id === model)?.family;
}

/** `DCGAN` or `DDPM U-Net, ddim, 10 steps`. */
export function describeSetting(run: Run, { model, sampler, steps }: Setting): string {
  const title = titleOf(run, model);
  return sampler === ONE_PASS ? title : `${title}, ${sampler}, ${steps} ${steps === 1 ? "step" : "steps"}`;
}

/** For a point in a chart: `DCGAN` or `ddim 10`; the title is added where several diffusion models are compared. */
export function shortLabel(run: Run, { model, sampler, steps }: Setting): string {
  if (sampler === ONE_PASS) return titleOf(run, model);
  const several = run.models.filter(({ family }) => family === "diffusion").length > 1;
  return `${several ? `${titleOf(run, model)} ` : ""}${sampler} ${steps}`;
}

/** Options of a model that say what training minimises. */
const LOSSES = [
  "target",
  "objective",
  "variance",
  "timestepSampling",
  "loss",
  "gradientPenalty",
  "r1",
] as const;

/** Options of a model in the suite's configuration. */
function optionsOf({ config }: Run, model: string): Readonly<Record<string, unknown>> {
  const models = (config.models ?? {}) as Readonly<Record<string, { readonly options?: object } | undefined>>;
  return { ...models[model]?.options };
}

/** Whether the models of each family, students aside, were trained under one loss, by the suite's configuration. */
export function trainedAlike(run: Run): boolean {
  const lossesOf = (family: ModelFacts["family"]) =>
    run.models
      .filter((model) => model.family === family && model.teacher === undefined)
      .map(({ id }) => JSON.stringify(LOSSES.map((name) => optionsOf(run, id)[name] ?? null)));
  return (["gan", "diffusion"] as const).every((family) => new Set(lossesOf(family)).size <= 1);
}

/** Whether the model's network estimates the image, by the suite's configuration. */
export const estimatesImage = (run: Run, model: string): boolean => optionsOf(run, model).target === "x0";
