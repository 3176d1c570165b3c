import * as z from "zod";
import { badConfig } from "../../../core/errors.ts";
import { chenCosine } from "./chen-cosine.ts";
import { chenSigmoid } from "./chen-sigmoid.ts";
import type { Schedule } from "./contract.ts";
import { cosine } from "./cosine.ts";
import { cosineLogSnr } from "./cosine-logsnr.ts";
import { linear } from "./linear.ts";
import { quadratic } from "./quadratic.ts";
import { sigmoidLogSnr } from "./sigmoid-logsnr.ts";

export { alphaBarOf, betasOf, type Schedule, SMALLEST_GAMMA } from "./contract.ts";
export { goneShare, logSnr, snr } from "./diagnostics.ts";

export const schedules = {
  linear,
  quadratic,
  cosine,
  "chen-cosine": chenCosine,
  "chen-sigmoid": chenSigmoid,
  "cosine-logsnr": cosineLogSnr,
  "sigmoid-logsnr": sigmoidLogSnr,
};

type Schema = (typeof schedules)[keyof typeof schedules]["options"];
export type ScheduleOptions = z.infer<Schema>;

/** A schedule by `name`, with the options that it has. */
export const scheduleSchema = z.discriminatedUnion(
  "name",
  Object.values(schedules).map(({ options }) => options) as unknown as readonly [Schema, ...Schema[]],
  {
    error: ({ input }) =>
      typeof input === "string" && Object.hasOwn(schedules, input)
        ? `takes its name as an option: { name: ${input} }`
        : `known schedules: ${Object.keys(schedules).join(", ")}`,
  },
);

/** alphaBar of steps 1..timesteps, float64; BAD_CONFIG where it does not fall strictly within (0, 1). */
export function alphaBarFor(timesteps: number, options: ScheduleOptions): Float64Array {
  const schedule: Schedule = schedules[options.name];
  const alphaBar = schedule.alphaBar(timesteps, options);
  const wrong = alphaBar.findIndex((value, i) => !(value > 0 && value < (alphaBar[i - 1] ?? 1)));
  if (wrong !== -1)
    throw badConfig(
      `schedule ${options.name}: of ${timesteps} steps, step ${wrong + 1} goes from alphaBar ` +
        `${wrong === 0 ? 1 : alphaBar[wrong - 1]} to ${alphaBar[wrong]}; every step must leave some signal and take some. ` +
        "Take more steps, or a flatter schedule.",
    );
  return alphaBar;
}

/**
 * The schedule in continuous time: alphaBar at t, 0 (clean) to 1 (noise). Where only steps are defined, ln alphaBar is
 * interpolated linearly between the `timesteps` of them: noise comes at one rate within a step.
 */
export function gammaFor(timesteps: number, options: ScheduleOptions): (t: number) => number {
  const schedule: Schedule = schedules[options.name];
  if (schedule.gamma) return (t) => schedule.gamma!(t, options);
  const alphaBar = alphaBarFor(timesteps, options);
  const log = (step: number) => (step === 0 ? 0 : Math.log(alphaBar[step - 1]!));
  return (t) => {
    const at = t * timesteps;
    const step = Math.min(Math.floor(at), timesteps - 1);
    return Math.exp(log(step) + (at - step) * (log(step + 1) - log(step)));
  };
}

/** A schedule as a person names it: its title, and those of its options that are not the default. */
export function scheduleLabel(options: ScheduleOptions): string {
  const { title, options: schema }: Schedule = schedules[options.name];
  const defaults = schema.parse({ name: options.name });
  const changed = Object.entries(options).filter(([name, value]) => value !== defaults[name]);
  return changed.length === 0
    ? title
    : `${title}, ${changed.map(([name, value]) => `${name} ${value}`).join(", ")}`;
}
