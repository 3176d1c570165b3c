/**
 * Process-wide gradients of every kernel that the tracing backend lowers. tfjs-core's Node build has none; the umbrella
 * package @tensorflow/tfjs registers TF.js's own, and brings its layers, converters and browser backends into memory with
 * them (docs/decisions/0015-memory-of-training.md).
 */
import * as tf from "@tensorflow/tfjs-core";
import { convolutionGradients } from "../convolution.ts";
import { resamplingGradients } from "../resampling.ts";
import { arrangement } from "./arrangement.ts";
import type { Gradients } from "./define.ts";
import { elementwise } from "./elementwise.ts";
import { linear } from "./linear.ts";
import { reduction } from "./reduction.ts";

const tables: Gradients = { ...elementwise, ...reduction, ...arrangement, ...linear };

/** TF.js's kernels and our own. */
export const gradients: readonly tf.GradConfig[] = [
  ...Object.entries(tables).map(([kernelName, gradient]) => ({ kernelName, ...gradient })),
  ...convolutionGradients,
  ...resamplingGradients,
];

const COMPARISON = "a comparison or logic has none; tf.step has one, zero";
const INSIDE = "it belongs to an operation with a gradient of its own";

/** Kernels that are lowered and have no gradient, and why. Asked for, it is an error. */
export const withoutGradient: Readonly<Record<string, string>> = {
  Greater: COMPARISON,
  Less: COMPARISON,
  LessEqual: COMPARISON,
  Equal: COMPARISON,
  NotEqual: COMPARISON,
  LogicalAnd: COMPARISON,
  LogicalOr: COMPARISON,
  LogicalNot: COMPARISON,
  Fill: "it has no input",
  Prod: "it takes cumulative products, which are not lowered",
  Standardise: INSIDE,
  Silu: INSIDE,
};

/** Idempotent; every engine calls it before it runs or traces a program. */
export function registerGradients(): void {
  tf.enableProdMode(); // no advertisement on stderr, no checks of our own shapes twice
  for (const gradient of gradients) {
    const { kernelName } = gradient;
    const known = tf.getGradient(kernelName);
    if (known === gradient) continue;
    if (known) tf.unregisterGradient(kernelName); // TF.js's own, which tfjs-node brings along
    tf.registerGradient(gradient);
  }
}
