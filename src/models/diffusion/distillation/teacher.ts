/** What students have in common: a teacher that fits, its weights, their options of training and settings of sampling. */
import * as z from "zod";
import { assert, badConfig } from "../../../core/errors.ts";
import type { HostTensor } from "../../../engine/contract.ts";
import { fraction, nonNegative, options, parseConfig, positive, whole } from "../../config.ts";
import type { Model, SamplerSetting, State, TrainingBatch } from "../../contract.ts";
import { type DiffusionModel, isDiffusion } from "../backbone.ts";
import type { Denoiser } from "../denoiser.ts";
import { targets } from "../targets/index.ts";
import type { Clipping } from "../thresholding.ts";

/** Options of training that every student has. */
export const trainingOptions = {
  trainingSteps: whole.default(10_000).describe("steps of the whole training, which the schedule divides"),
  learningRate: positive.default(2e-4).describe("Adam's step size after the warm-up"),
  warmup: z.number().int().min(0).default(0).describe("training steps over which the rate grows linearly"),
  ema: fraction.default(0.99).describe("decay of the averaged weights; 0 samples from the last"),
  clip: nonNegative.default(1).describe("largest norm of the whole gradient; 0 for no limit"),
};

/** The teacher as a diffusion model that predicts one of `wanted`; BAD_CONFIG with the reason where it is none. */
export function teacherFor(
  kind: string,
  teacher: Model | undefined,
  wanted: readonly (keyof typeof targets)[],
): DiffusionModel {
  if (!teacher || !isDiffusion(teacher))
    throw badConfig(`${kind} learns from a diffusion model; name one of the suite's as its teacher`);
  if (!wanted.some((name) => targets[name] === teacher.backbone.denoiser.target))
    throw badConfig(
      `${kind} needs a teacher whose target is ${wanted.join(" or ")}: a student of few steps begins in pure noise, where ` +
        `the ${teacher.backbone.denoiser.target.title} says next to nothing of the image. Set the teacher's target.`,
    );
  return teacher;
}

/** The teacher's sampling weights, [count]. */
export function teachersWeights(teacher: State | undefined, { weightCount }: Denoiser): HostTensor {
  assert(teacher?.weights, "a distilled model starts from its teacher's weights");
  const { data } = teacher.weights;
  assert(data.length === weightCount, `a teacher of ${data.length} values for a network of ${weightCount}`);
  return { shape: [weightCount], data };
}

/** Labels of a batch as an input, where the network is conditional; the teacher is asked for what the image is. */
export function labelsOf({ classes }: Denoiser, { labels }: TrainingBatch): State {
  return classes === 0 ? {} : { labels: { shape: [labels.length], data: Int32Array.from(labels) } };
}

const settingSchema = options({
  clipping: z.enum(["static", "none"]).default("static").describe("of the estimated clean image"),
});

/** BAD_CONFIG unless the setting is of the student's one method at one of its step counts. */
export function studentSetting(
  kind: string,
  { sampler, steps, options: given = {} }: SamplerSetting,
  known: { readonly sampler: string; readonly steps: readonly number[] },
): { readonly clipping: Clipping } {
  if (sampler !== known.sampler)
    throw badConfig(`${kind} is sampled by "${known.sampler}" alone, not "${sampler}"`);
  if (!known.steps.includes(steps))
    throw badConfig(`${kind} is sampled in ${known.steps.join(", ")} steps, not ${steps}`);
  if (given.guidance !== undefined)
    throw badConfig(`${kind} takes no guidance: it was taught with every label told; leave out guidance`);
  return { clipping: { kind: parseConfig(sampler, settingSchema, given).clipping } };
}
