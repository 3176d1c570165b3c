/** Consistency distillation: Song et al. 2023 (arXiv:2303.01469), algorithm 2, the teacher's path followed by one step of Heun. */
import type * as tf from "@tensorflow/tfjs-core";
import * as z from "zod";
import { options, parseConfig } from "../../config.ts";
import type { Model } from "../../contract.ts";
import { updatesOf } from "../sample.ts";
import { samplers } from "../samplers/index.ts";
import { consistencyModel } from "./consistency-model.ts";
import { follow, updateColumns, updateRow } from "./following.ts";
import { teacherFor, trainingOptions } from "./teacher.ts";

const KIND = "consistency";
/** Of Heun's method. */
const UPDATES = 2;

export const consistencyConfigSchema = options({
  ...trainingOptions,
  levels: z
    .number()
    .int()
    .min(2)
    .default(18)
    .describe("noise levels N that the path is cut at, by Karras et al. 2022; neighbours are drawn together"),
});

/** The student of a trained model; BAD_CONFIG for a teacher that it cannot learn from. */
export function createConsistency(given: z.input<typeof consistencyConfigSchema>, definition?: Model): Model {
  const config = parseConfig(KIND, consistencyConfigSchema, given);
  const teacher = teacherFor(KIND, definition, ["v"]);
  const { denoiser } = teacher.backbone;
  const heun = samplers.heun.make(samplers.heun.options.parse({}), {
    variance: "fixed-small",
    steps: config.levels,
  });
  return consistencyModel({
    kind: KIND,
    title: "Consistency distillation",
    description: `student of ${teacher.title}, neighbours of ${config.levels} levels along its path`,
    base: teacher,
    options: config,
    trainingSteps: config.trainingSteps,
    evaluations: UPDATES + 1 + 3,
    distilled: true,
    levels: () => config.levels,
    draw: (stream, sigmas) => stream.integer(sigmas.length - 1),
    columns: updateColumns(UPDATES),
    row: (pair) => updateRow(updatesOf(denoiser, heun, [pair])),
    lessNoisy: (x, { teacher: weights, labels }, columns) =>
      follow(x, {
        denoiser,
        weights: weights as tf.Tensor1D,
        labels: labels as tf.Tensor1D | undefined,
        columns,
        count: UPDATES,
      }),
    weight: () => 1,
  });
}
