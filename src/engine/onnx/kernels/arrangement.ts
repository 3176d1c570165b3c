import { backend_util, slice_util, type TensorInfo, util } from "@tensorflow/tfjs-core";
import { elementType, type TraceBackend } from "../tracer.ts";
import { type Lowering, pad, reshape, slice, transpose } from "./define.ts";

const axisOf = (axis: number, rank: number) => (axis < 0 ? axis + rank : axis);
const allAxes = (x: TensorInfo) => x.shape.map((_, i) => i);

const range = (backend: TraceBackend, n: number) =>
  backend.graph.constant(
    Array.from({ length: n }, (_, i) => i),
    [n],
    "int32",
  );

/** A WebGPU kernel may bind about ten buffers: past that, a split is a slice per part. */
const WEBGPU_OUTPUTS = 8;

/** Operations that move values without changing them. */
export const arrangement: Readonly<Record<string, Lowering>> = {
  Reshape: ({ x }, { shape }, backend) => {
    const target = util.inferFromImplicitShape(shape, util.sizeFromShape(x!.shape));
    return backend.wrap(reshape(backend, backend.value(x!), target));
  },
  ExpandDims: ({ input }, { dim }, backend) => {
    const shape = [...input!.shape];
    shape.splice(dim < 0 ? dim + shape.length + 1 : dim, 0, 1);
    return backend.wrap(reshape(backend, backend.value(input!), shape));
  },
  Transpose: ({ x }, { perm }, backend) => backend.wrap(transpose(backend, backend.value(x!), perm)),
  Concat: (inputs, { axis }, backend) => {
    const parts = Object.values(inputs);
    const at = axisOf(axis, parts[0]!.shape.length);
    const shape = backend_util.computeOutShape(
      parts.map((part) => part.shape),
      at,
    );
    const filled = parts.filter((part) => part.shape[at] !== 0);
    return filled.length === 1
      ? backend.wrap(backend.value(filled[0]!))
      : backend.emit("Concat", filled, shape, elementType(parts[0]!.dtype), { axis: at });
  },
  Pack: (inputs, { axis }, backend) => {
    const parts = Object.values(inputs);
    const shape = [...parts[0]!.shape];
    const at = axis < 0 ? axis + shape.length + 1 : axis;
    const one = [...shape.slice(0, at), 1, ...shape.slice(at)];
    const expanded = parts.map((part) => reshape(backend, backend.value(part), one));
    const stacked = one.map((d, i) => (i === at ? parts.length : d));
    return backend.emit("Concat", expanded, stacked, elementType(parts[0]!.dtype), { axis: at });
  },
  Unpack: ({ value }, { axis }, backend) => {
    const x = backend.value(value!);
    const at = axisOf(axis, x.shape.length);
    const shape = x.shape.filter((_, i) => i !== at);
    return Array.from({ length: x.shape[at]! }, (_, i) =>
      backend.wrap(reshape(backend, slice(backend, x, [at], [i], [i + 1]), shape)),
    );
  },
  Slice: ({ x }, { begin, size }, backend) => {
    const [from, length] = slice_util.parseSliceParams(x as never, begin, size) as [number[], number[]];
    const axes = allAxes(x!).filter((i) => from[i] !== 0 || length[i] !== x!.shape[i]);
    const begins = axes.map((i) => from[i]!);
    const ends = axes.map((i) => from[i]! + length[i]!);
    return backend.wrap(slice(backend, backend.value(x!), axes, begins, ends));
  },
  SplitV: ({ x }, { numOrSizeSplits, axis }, backend) => {
    const at = axisOf(axis, x!.shape.length);
    const sizes = backend_util.prepareSplitSize(x as never, numOrSizeSplits, at);
    const value = backend.value(x!);
    if (sizes.length > WEBGPU_OUTPUTS) {
      const ends = sizes.map((_, i) => sizes.slice(0, i + 1).reduce((sum, size) => sum + size, 0));
      return ends.map((end, i) => backend.wrap(slice(backend, value, [at], [end - sizes[i]!], [end])));
    }
    const results = sizes.map((size) => ({
      shape: x!.shape.map((d, i) => (i === at ? size : d)),
      type: value.type,
    }));
    const parts = backend.graph.emitMany("Split", [value, backend.graph.int64(...sizes)], results, {
      axis: at,
    });
    return parts.map((part) => backend.wrap(part));
  },
  PadV2: ({ x }, { paddings, constantValue }, backend) => {
    const before = paddings.map((p: [number, number]) => p[0]);
    const after = paddings.map((p: [number, number]) => p[1]);
    return backend.wrap(pad(backend, backend.value(x!), before, after, constantValue));
  },
  Tile: ({ x }, { reps }, backend) => {
    const shape = x!.shape.map((d, i) => d * reps[i]);
    const spread = x!.shape.every((d, i) => d === 1 || reps[i] === 1); // no data is repeated in a pattern
    const argument = backend.graph.int64(...(spread ? shape : reps));
    return backend.emit(spread ? "Expand" : "Tile", [x, argument], shape, elementType(x!.dtype));
  },
  GatherV2: ({ x, indices }, { axis, batchDims }, backend) => {
    if (batchDims) throw new Error("Kernel 'GatherV2 with batchDims' not registered for backend");
    const at = axisOf(axis, x!.shape.length);
    const shape = [...x!.shape.slice(0, at), ...indices!.shape, ...x!.shape.slice(at + 1)];
    return backend.emit("Gather", [x, indices], shape, elementType(x!.dtype), { axis: at });
  },
  OneHot: ({ indices }, { depth, onValue, offValue, dtype }, backend) => {
    const { graph } = backend;
    const column = reshape(backend, backend.value(indices!), [...indices!.shape, 1]);
    const hit = graph.emit("Equal", [column, range(backend, depth)], [...indices!.shape, depth], "bool");
    const type = elementType(dtype ?? "float32");
    const [on, off] = [onValue, offValue].map((value: number) => graph.constant([value], [], type));
    return backend.emit("Where", [hit, on, off], hit.shape, type);
  },
  UnsortedSegmentSum: ({ x, segmentIds }, { numSegments }, backend) => {
    // rows of x summed by segment: a product with the one-hot matrix of the segments, [segments, rows]
    const { graph } = backend;
    const [rows, ...rest] = x!.shape as [number, ...number[]];
    const ids = reshape(backend, backend.value(segmentIds!), [1, rows]);
    const segments = reshape(backend, range(backend, numSegments), [numSegments, 1]);
    const member = graph.emit("Equal", [segments, ids], [numSegments, rows], "bool");
    const chosen = graph.emit("Cast", [member], member.shape, "float32", { to: 1 });
    const flat = reshape(backend, backend.value(x!), [rows, util.sizeFromShape(rest)]);
    const sums = graph.emit("MatMul", [chosen, flat], [numSegments, flat.shape[1]!]);
    return backend.wrap(reshape(backend, sums, [numSegments, ...rest]));
  },
  Reverse: ({ x }, { dims }, backend) => {
    const axes = util.parseAxisParam(dims, x!.shape);
    const { graph } = backend;
    const from = axes.map(() => -1);
    const to = axes.map((axis) => -x!.shape[axis]! - 1);
    const inputs = [graph.int64(...from), graph.int64(...to), graph.int64(...axes), graph.int64(...from)];
    return backend.emit("Slice", [x, ...inputs], x!.shape, elementType(x!.dtype));
  },
};
