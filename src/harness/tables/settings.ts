/** What is compared: a model, and for one that samples in steps the sampler and its step count. */
import type { ModelFacts, Side } from "../record/index.ts";
import { derived, type View } from "./view.ts";

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
  readonly label: string;
  /** Position of the sampler within the model: fixes symbol and line pattern. */
  readonly variant: number;
}

export const settingKey = ({ model, sampler, steps }: Setting): string =>
  JSON.stringify([model, sampler, steps]);

export const seriesKey = ({ model, sampler }: Omit<Setting, "steps">): string =>
  JSON.stringify([model, sampler]);

/** The columns of a CSV file that name a setting. */
export const settingColumns = ({ model, sampler, steps }: Setting) => ({ model, sampler, steps });

/** Every series that has a latency or a quality; models in the run's order, samplers as they were recorded. */
export const seriesOf = derived((view: View): Series[] => {
  const seen = new Map<string, Omit<Setting, "steps">>();
  const note = ({ model, sampler }: Omit<Setting, "steps">) => {
    const key = seriesKey({ model, sampler });
    if (!seen.has(key)) seen.set(key, { model, sampler });
  };
  for (const { model, settings } of view.records("diversity"))
    for (const { sampler } of settings) note({ model, sampler });
  for (const { series } of view.records("latency")) series.forEach(note);
  return view.run.models.flatMap(({ id, title }) =>
    [...seen]
      .filter(([, { model }]) => model === id)
      .map(([key, { model, sampler }], variant) => ({
        key,
        model,
        sampler,
        label: sampler === ONE_PASS ? title : `${title}, ${sampler}`,
        variant,
      })),
  );
});

/** Side of a model; that of diffusion for one that run.json does not describe. */
export const sideOf = (view: View, model: string): Side => view.model(model)?.side ?? "diffusion";

/** Whether a model makes an image in one evaluation, and so has no step counts. */
export const isOnePass = (view: View, model: string): boolean => view.model(model)?.onePass ?? false;

/** Position of a model among those of its side, in the run's order; 0 for one that run.json does not describe. */
export function indexOf(view: View, model: string): number {
  const side = sideOf(view, model);
  const members = view.run.models.filter((one) => one.side === side);
  return Math.max(
    0,
    members.findIndex(({ id }) => id === model),
  );
}

/** Position of a model in the run. */
export const orderOf = (view: View, model: string): number =>
  view.run.models.findIndex(({ id }) => id === model);

/** `DCGAN` or `DDPM U-Net, ddim, 10 steps`. */
export function describeSetting(view: View, { model, sampler, steps }: Setting): string {
  const title = view.title(model);
  return sampler === ONE_PASS ? title : `${title}, ${sampler}, ${steps} ${steps === 1 ? "step" : "steps"}`;
}

/** For a point in a chart: `DCGAN` or `ddim 10`; the title is added where several models sample in steps. */
export function shortLabel(view: View, { model, sampler, steps }: Setting): string {
  if (sampler === ONE_PASS) return view.title(model);
  const several = view.run.models.filter(({ onePass }) => !onePass).length > 1;
  return `${several ? `${view.title(model)} ` : ""}${sampler} ${steps}`;
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
function optionsOf({ run: { config } }: View, model: string): Readonly<Record<string, unknown>> {
  const models = (config.models ?? {}) as Readonly<Record<string, { readonly options?: object } | undefined>>;
  return { ...models[model]?.options };
}

/** Whether the models of each side, students aside, were trained under one loss, by the suite's configuration. */
export function trainedAlike(view: View): boolean {
  const losses = (side: Side) =>
    view.run.models
      .filter((model: ModelFacts) => model.side === side && model.teacher === undefined)
      .map(({ id }) => JSON.stringify(LOSSES.map((name) => optionsOf(view, id)[name] ?? null)));
  return (["gan", "diffusion"] as const).every((side) => new Set(losses(side)).size <= 1);
}

/** Whether the model's network estimates the image, by the suite's configuration. */
export const estimatesImage = (view: View, model: string): boolean => optionsOf(view, model).target === "x0";

export interface Price {
  readonly perHour: number;
  readonly currency: string;
}

/** What an hour of the machine costs, where the suite says so. */
export function priceOf({ run: { config } }: View): Price | undefined {
  const { perHour, currency = "USD" } = (config.price ?? {}) as Partial<Price>;
  return typeof perHour === "number" && perHour > 0 ? { perHour, currency } : undefined;
}
