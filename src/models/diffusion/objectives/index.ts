import * as z from "zod";
import { badConfig } from "../../../core/errors.ts";
import type { TargetName } from "../targets/index.ts";
import type { Process } from "../variational.ts";
import { bound } from "./bound.ts";
import type { Loss, Objective } from "./contract.ts";
import { hybrid } from "./hybrid.ts";
import { minSnr } from "./min-snr.ts";
import { simple } from "./simple.ts";

/** What training minimises, by the names of suites. */
export const objectives = { simple, bound, hybrid, "min-snr": minSnr };

type Schema = (typeof objectives)[keyof typeof objectives]["options"];
export type ObjectiveOptions = z.infer<Schema>;

/** An objective by `name`, with the options that it has. */
export const objectiveSchema = z.discriminatedUnion(
  "name",
  Object.values(objectives).map(({ options }) => options) as unknown as readonly [Schema, ...Schema[]],
  { error: `known objectives: ${Object.keys(objectives).join(", ")}` },
);

/** The loss of a process; BAD_CONFIG where the objective cannot be taken of this target and variance. */
export function lossFor(options: ObjectiveOptions, process: Process, target: TargetName): Loss {
  const objective: Objective = objectives[options.name];
  const reason = objective.refuses({ target, variance: process.variance }, options);
  if (reason) throw badConfig(`objective ${options.name}: ${reason}`);
  return objective.loss(process, options);
}
