import { type TensorInfo, util } from "@tensorflow/tfjs-core";
import type { GraphValue } from "../graph.ts";
import { elementType, type TraceBackend } from "../tracer.ts";
import { type Lowering, reshape } from "./define.ts";

/**
 * Sum over the first axis. On the cpu provider as a product with ones: ONNX Runtime's own takes eight times as long on two
 * threads as on one. On WebGPU that product is no gain, and with it training of a DCGAN at batch 32 crashed in SwiftShader.
 */
export function sumOverFirst(backend: TraceBackend, x: GraphValue): GraphValue {
  const [terms, ...rest] = x.shape as [number, ...number[]];
  const { graph } = backend;
  if (backend.block === 1)
    return graph.emit("ReduceSum", [x, graph.int64(0)], rest, "float32", { keepdims: 0 });
  const width = util.sizeFromShape(rest);
  const ones = graph.constant(new Float32Array(terms).fill(1), [1, terms], "float32");
  const sum = graph.emit("MatMul", [ones, reshape(backend, x, [terms, width])], [1, width]);
  return reshape(backend, sum, rest);
}

/**
 * Reduces one run of neighbouring axes at a time, from the last, e.g. [b, c, h, w] over 0, 2, 3 as (h w), then b: ONNX
 * Runtime's way with several runs at once is slower. Reduced axes stay as ones.
 */
function reduceRuns(backend: TraceBackend, op: string, x: GraphValue, axes: readonly number[]): GraphValue {
  let value = x;
  let end = x.shape.length;
  while (end > 0) {
    let start = end;
    while (start > 0 && (axes.includes(start - 1) || value.shape[start - 1] === 1)) start--;
    const run = Array.from({ length: end - start }, (_, i) => start + i);
    if (run.some((axis) => value.shape[axis] !== 1)) {
      const shape = value.shape.map((d, axis) => (run.includes(axis) ? 1 : d));
      const leading = run[0] === 0 && end < shape.length && value.shape.slice(end).some((d) => d > 1);
      value =
        op === "ReduceSum" && x.type === "float32" && leading
          ? reshape(backend, sumOverFirst(backend, leadingAsOne(backend, value, end)), shape)
          : backend.graph.emit(op, [value, backend.graph.int64(...run)], shape, x.type, { keepdims: 1 });
    }
    end = Math.min(start, end - 1);
  }
  return value;
}

const leadingAsOne = (backend: TraceBackend, x: GraphValue, count: number) =>
  reshape(backend, x, [util.sizeFromShape(x.shape.slice(0, count)), ...x.shape.slice(count)]);

const reduction =
  (op: string): Lowering =>
  ({ x }, { axis, reductionIndices, keepDims }, backend) => {
    const axes = util.parseAxisParam(axis ?? reductionIndices, x!.shape);
    const result = reduceRuns(backend, op, backend.value(x!), axes);
    const shape = x!.shape.flatMap((d, i) => (axes.includes(i) ? (keepDims ? [1] : []) : [d]));
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
