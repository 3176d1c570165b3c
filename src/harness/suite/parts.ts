/** Option schemas that several parts of a suite share. */
import * as z from "zod";

export { spaceSchema } from "../record/index.ts";

/**
 * A whole number from 1. Every count of a suite has an upper bound, far above what a run can want: what asks for a billion
 * of something is refused before any memory is taken.
 */
const whole = z.int().positive();
/** Images of a set that is held in memory or measured. */
export const count = whole.max(10_000_000);
/** Training images seen, repeats counted. */
export const imagesSeen = whole.max(1e12);
/** Images of one step, request or evaluation. */
export const batch = whole.max(65_536);
/** Training seeds of a model. */
export const seeds = whole.max(256);
/** How often something is repeated, shown or measured. */
export const times = whole.max(10_000);
/** Items of a list of settings, sizes or names. */
export const MOST_ITEMS = 64;

export const seed = z.int().min(-1e12).max(1e12);
export const share = z.number().min(0).max(1);

/** Budget of a training: images seen, repeats counted; the model's own budget where left out. */
export const budget = imagesSeen.optional();

/** A feature space that judges: `classifier`, one of another architecture, the pixels, or an ONNX model with how its input is made. */
const ONNX_FEATURES = /^onnx:.+/;
export const judgeSchema = z.union([
  z.enum(["classifier", "classifier:perceptron", "pixels"]),
  z.string().regex(ONNX_FEATURES, "onnx:FILE or onnx:FILE:OUTPUT"),
  z.strictObject({
    features: z.string().regex(ONNX_FEATURES, "onnx:FILE or onnx:FILE:OUTPUT"),
    size: whole.max(4096).optional(),
    layout: z.enum(["NCHW", "NHWC"]).optional(),
    resize: z
      .enum(["area", "bilinear", "bilinear-antialias", "bilinear-tf1", "bicubic-antialias"])
      .optional(),
    range: z.enum(["0..1", "-1..1", "0..255"]).optional(),
    mean: z.array(z.number()).min(1).max(3).optional(),
    std: z.array(z.number().positive()).min(1).max(3).optional(),
    /** Seconds of a pass of the network, and GiB of its process, before it is stopped. */
    timeLimit: z.number().positive().max(86_400).optional(),
    memoryLimit: z.number().positive().max(1024).optional(),
  }),
]);

export type JudgeSpec = z.infer<typeof judgeSchema>;

export const samplerOptions = z.record(z.string(), z.unknown()).default({});

/** A sampler, its options, and the step counts to run it at, e.g. { sampler: ddim, steps: [5, 10, 50] }. */
export const sweepSchema = z.strictObject({
  sampler: z.string(),
  steps: z.array(times).min(1).max(MOST_ITEMS),
  options: samplerOptions,
});

export type SamplingSweep = z.infer<typeof sweepSchema>;
