/** Option schemas that several parts of a suite share. */
import * as z from "zod";

export const count = z.int().positive();
export const seed = z.int();
export const share = z.number().min(0).max(1);

/** Budget of a training: images seen, repeats counted; the model's own budget where left out. */
export const budget = count.optional();

/** A feature space that judges: `classifier`, one of another architecture, the pixels, or an ONNX model with how its input is made. */
const ONNX_FEATURES = /^onnx:.+/;
export const judgeSchema = z.union([
  z.enum(["classifier", "classifier:perceptron", "pixels"]),
  z.string().regex(ONNX_FEATURES, "onnx:FILE or onnx:FILE:OUTPUT"),
  z.strictObject({
    features: z.string().regex(ONNX_FEATURES, "onnx:FILE or onnx:FILE:OUTPUT"),
    size: count.optional(),
    layout: z.enum(["NCHW", "NHWC"]).optional(),
    resize: z
      .enum(["area", "bilinear", "bilinear-antialias", "bilinear-tf1", "bicubic-antialias"])
      .optional(),
    range: z.enum(["0..1", "-1..1", "0..255"]).optional(),
    mean: z.array(z.number()).min(1).optional(),
    std: z.array(z.number().positive()).min(1).optional(),
  }),
]);

export type JudgeSpec = z.infer<typeof judgeSchema>;

export const samplerOptions = z.record(z.string(), z.unknown()).default({});

/** A sampler, its options, and the step counts to run it at, e.g. { sampler: ddim, steps: [5, 10, 50] }. */
export const sweepSchema = z.strictObject({
  sampler: z.string(),
  steps: z.array(count).min(1),
  options: samplerOptions,
});

export type SamplingSweep = z.infer<typeof sweepSchema>;
