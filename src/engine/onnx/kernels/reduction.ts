import { backend_util, type TensorInfo, util } from "@tensorflow/tfjs-core";
import type { GraphValue } from "../graph.ts";
import { elementType, type TraceBackend } from "../tracer.ts";
import { type Lowering, reshape } from "./define.ts";

/**
 * Runs of neighbouring axes that are all kept or all reduced, e.g. [b, c, h, w] over 0, 2, 3 is R(b) K(c) R(hw).
 * ONNX Runtime has fast paths for up to three runs only; more are reduced one run at a time, from the last.
 */
function reduceRuns(backend: TraceBackend, op: string, x: GraphValue, axes: readonly number[]): GraphValue {
  const runs: { size: number; reduced: boolean }[] = [];
  x.shape.forEach((size, axis) => {
    if (size === 1) return;
    const reduced = axes.includes(axis);
    const last = runs.at(-1);
    if (last?.reduced === reduced) last.size *= size;
    else runs.push({ size, reduced });
  });
  const kept = x.shape.filter((_, axis) => !axes.includes(axis));
  const reducedRuns = runs.flatMap((run, i) => (run.reduced ? [i] : []));
  if (reducedRuns.length === 0) return reshape(backend, x, kept);
  const steps = runs.length > 3 ? reducedRuns.reverse().map((i) => [i]) : [reducedRuns];
  let shape = runs.map((run) => run.size);
  let value = reshape(backend, x, shape);
  for (const step of steps) {
    shape = shape.filter((_, i) => !step.includes(i));
    value = backend.graph.emit(op, [value, backend.graph.int64(...step)], shape, x.type, { keepdims: 0 });
  }
  return reshape(backend, value, kept);
}

const reduction =
  (op: string): Lowering =>
  ({ x }, { axis, reductionIndices, keepDims }, backend) => {
    const axes = util.parseAxisParam(axis ?? reductionIndices, x!.shape);
    const result = reduceRuns(backend, op, backend.value(x!), axes);
    const shape = keepDims ? backend_util.expandShapeToKeepDim([...result.shape], axes) : [...result.shape];
    return backend.wrap(reshape(backend, result, shape));
  };

const argument =
  (op: string): Lowering =>
  ({ x }, { axis }, backend) => {
    const at = util.parseAxisParam(axis, x!.shape)[0]!;
    const shape = x!.shape.filter((_, i) => i !== at);
    const index = backend.emit(op, [x], shape, "int64", { axis: at, keepdims: 0 });
    return backend.emit("Cast", [index], shape, "int32", { to: 6 });
  };

const softmax: Lowering = ({ logits }, { dim }, backend) => {
  const { shape, dtype } = logits as TensorInfo;
  return backend.emit("Softmax", [logits], shape, elementType(dtype), {
    axis: dim < 0 ? dim + shape.length : dim,
  });
};

export const reductions: Readonly<Record<string, Lowering>> = {
  Sum: reduction("ReduceSum"),
  Mean: reduction("ReduceMean"),
  Max: reduction("ReduceMax"),
  Min: reduction("ReduceMin"),
  Prod: reduction("ReduceProd"),
  ArgMax: argument("ArgMax"),
  ArgMin: argument("ArgMin"),
  Softmax: softmax,
};
