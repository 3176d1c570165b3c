/** How a TF.js kernel becomes ONNX nodes. One literal table a file; index.ts registers them all. */
import * as tf from "@tensorflow/tfjs-core";
import { within } from "../../ops/scope.ts";
import type { GraphValue } from "../graph.ts";
import { TRACE_BACKEND, type TraceBackend, traceBackend } from "../tracer.ts";

export type Inputs = Record<string, tf.TensorInfo>;
/** A kernel's attributes as TF.js hands them over; each lowering names those it reads. */
// biome-ignore lint/suspicious/noExplicitAny: TF.js types attributes per kernel, this table holds all kernels
export type KernelAttributes = any;

export type Lowering = (
  inputs: Inputs,
  attributes: KernelAttributes,
  backend: TraceBackend,
) => tf.TensorInfo | tf.TensorInfo[];

export function registerLowerings(lowerings: Readonly<Record<string, Lowering>>): void {
  for (const [kernelName, lower] of Object.entries(lowerings))
    tf.registerKernel({
      kernelName,
      backendName: TRACE_BACKEND,
      kernelFunc: ({ inputs, attrs }) =>
        within(kernelName, () => lower(inputs as unknown as Inputs, attrs, traceBackend())),
    });
}

export function reshape(backend: TraceBackend, x: GraphValue, shape: readonly number[]): GraphValue {
  return backend.graph.reshape(x, shape);
}

export function transpose(backend: TraceBackend, x: GraphValue, perm: readonly number[]): GraphValue {
  const moved = perm.map((p) => x.shape[p]!);
  // moving axes of size 1 only is a reshape
  const order = perm.filter((p) => x.shape[p] !== 1);
  if (order.every((p, i) => i === 0 || p > order[i - 1]!)) return reshape(backend, x, moved);
  return backend.graph.emit("Transpose", [x], moved, x.type, { perm });
}

/** Rows `begin` to `end` (exclusive) along the given axes. */
export function slice(
  backend: TraceBackend,
  x: GraphValue,
  axes: readonly number[],
  begin: readonly number[],
  end: readonly number[],
  steps: readonly number[] = axes.map(() => 1),
): GraphValue {
  const shape = [...x.shape];
  axes.forEach((axis, i) => {
    shape[axis] = Math.ceil((end[i]! - begin[i]!) / steps[i]!);
  });
  if (shape.every((d, i) => d === x.shape[i])) return x;
  const { graph } = backend;
  const strides = steps.every((s) => s === 1) ? undefined : graph.int64(...steps);
  return graph.emit(
    "Slice",
    [x, graph.int64(...begin), graph.int64(...end), graph.int64(...axes), strides],
    shape,
    x.type,
  );
}

/** Zeros (or `value`) before and after each axis. */
export function pad(
  backend: TraceBackend,
  x: GraphValue,
  before: readonly number[],
  after: readonly number[],
  value = 0,
): GraphValue {
  if (before.every((p) => p === 0) && after.every((p) => p === 0)) return x;
  const { graph } = backend;
  const shape = x.shape.map((d, i) => d + before[i]! + after[i]!);
  const filler = value === 0 ? undefined : graph.constant([value], [], x.type);
  return graph.emit("Pad", [x, graph.int64(...before, ...after), filler], shape, x.type);
}
