import * as z from "zod";
import type { Schedule } from "./contract.ts";
import { cosine } from "./cosine.ts";
import { linear } from "./linear.ts";

export { alphaBarOf, betasOf, type Schedule } from "./contract.ts";

export const schedules = { linear, cosine };

type Schema = (typeof schedules)[keyof typeof schedules]["options"];
export type ScheduleOptions = z.infer<Schema>;

/** A schedule by `name`, with the options that it has. */
export const scheduleSchema = z.discriminatedUnion(
  "name",
  Object.values(schedules).map(({ options }) => options) as unknown as readonly [Schema, ...Schema[]],
  { error: `known schedules: ${Object.keys(schedules).join(", ")}` },
);

/** alphaBar of steps 1..timesteps, float64. */
export function alphaBarFor(timesteps: number, options: ScheduleOptions): Float64Array {
  const schedule: Schedule = schedules[options.name];
  return schedule.alphaBar(timesteps, options);
}
