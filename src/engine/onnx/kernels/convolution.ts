/** Convolution and its gradients; which lowering each pass takes was measured (docs/decisions/0003-convolution.md). */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import {
  convolutionKernel,
  convolvedSize,
  filterGradientKernel,
  inputGradientKernel,
  type Shape4,
  type Window,
} from "../../ops/convolution.ts";
import type { GraphValue } from "../graph.ts";
import type { TraceBackend } from "../tracer.ts";
import {
  blockedConv,
  blockedFilterGradient,
  type ConvAttributes,
  gradientTakesBlocks,
  takesBlocks,
} from "./blocked.ts";
import { type Inputs, type Lowering, pad, reshape, slice, transpose } from "./define.ts";
import { sumOverFirst } from "./reduction.ts";

type Attributes = Window & { readonly inputShape: Shape4; readonly filterShape: Shape4 };

const four = (shape: readonly number[]) => shape as Shape4;

function conv(
  backend: TraceBackend,
  x: GraphValue,
  filter: GraphValue,
  bias: GraphValue | undefined,
  stride: number,
  padding: number,
): GraphValue {
  const [batch, , height, width] = four(x.shape);
  const [out, , kernel] = four(filter.shape);
  const window = { stride, padding };
  const shape = [batch, out, convolvedSize(height, kernel, window), convolvedSize(width, kernel, window)];
  const attributes = windowAttributes(kernel, window);
  return takesBlocks(backend, filter)
    ? blockedConv(backend, x, { value: filter, turned: false }, bias, shape, attributes)
    : backend.graph.emit("Conv", [x, filter, bias], shape, "float32", { ...attributes });
}

const windowAttributes = (kernel: number, { stride, padding }: Window): ConvAttributes => ({
  kernel_shape: [kernel, kernel],
  pads: [padding, padding, padding, padding],
  strides: [stride, stride],
});

const convolution: Lowering = ({ x, filter, bias }, { stride, padding }: Attributes, backend) =>
  backend.wrap(
    conv(backend, backend.value(x!), backend.value(filter!), bias && backend.value(bias), stride, padding),
  );

/** Stride 1: a convolution of dy with the filter turned by 180 degrees. Else ConvTranspose. */
function inputGradient({ dy, filter }: Inputs, attributes: Attributes, backend: TraceBackend): TensorInfo {
  const { stride, padding, inputShape } = attributes;
  const w = backend.value(filter!);
  const d = backend.value(dy!);
  const kernel = w.shape[2]!;
  if (stride === 1 && padding < kernel) {
    const window = { stride, padding: kernel - 1 - padding };
    if (!takesBlocks(backend, w))
      return backend.wrap(conv(backend, d, turned(backend, w), undefined, stride, window.padding));
    const filter = { value: w, turned: true };
    return backend.wrap(
      blockedConv(backend, d, filter, undefined, inputShape, windowAttributes(kernel, window)),
    );
  }
  const leftover = (size: number, out: number) => size - ((out - 1) * stride + kernel - 2 * padding);
  return backend.emit("ConvTranspose", [d, w], inputShape, "float32", {
    ...windowAttributes(kernel, attributes),
    output_padding: [leftover(inputShape[2], d.shape[2]!), leftover(inputShape[3], d.shape[3]!)],
  });
}

/** [out, in, k, k] -> [in, out, k, k], turned by 180 degrees. */
function turned(backend: TraceBackend, filter: GraphValue): GraphValue {
  const { graph } = backend;
  const kernel = filter.shape[2]!;
  const swapped = transpose(backend, filter, [1, 0, 2, 3]);
  if (kernel === 1) return swapped;
  const back = graph.int64(-1, -1);
  const window = [swapped, back, graph.int64(-kernel - 1, -kernel - 1), graph.int64(2, 3), back];
  return graph.emit("Slice", window, swapped.shape);
}

/**
 * dW[o, c, i, j] = sum over images and positions q of dy[o, q] x[c, q shifted by (i, j)]. Instead of k k shifted copies
 * of x (im2col), k copies of x shifted by rows meet k copies of dy shifted by columns in one product:
 * [batch, k out, positions] x [batch, positions, k in]. Maps lie flat, so every shift is one contiguous move.
 */
function product(
  backend: TraceBackend,
  byRow: readonly GraphValue[], // each [batch, in, positions]
  byColumn: readonly GraphValue[], // each [batch, out, positions]
): GraphValue {
  const { graph } = backend;
  const kernel = byRow.length;
  const stack = (pieces: readonly GraphValue[]) => {
    const [batch, channels, positions] = pieces[0]!.shape as [number, number, number];
    if (kernel === 1) return pieces[0]!;
    return graph.emit("Concat", pieces, [batch, kernel * channels, positions], "float32", { axis: 1 });
  };
  const [rows, columns] = [stack(byRow), stack(byColumn)];
  const [batch, wide] = rows.shape as [number, number];
  const high = columns.shape[1]!;
  const products = graph.emit("MatMul", [columns, transpose(backend, rows, [0, 2, 1])], [batch, high, wide]);
  const summed = sumOverFirst(backend, products);
  const taps = reshape(backend, summed, [kernel, high / kernel, kernel, wide / kernel]); // [j, out, i, in]
  const byOut = transpose(backend, taps, [1, 2, 0, 3]); // in whole rows first: much faster than at once
  const flat = reshape(backend, byOut, [high / kernel, kernel * kernel, wide / kernel]);
  return reshape(backend, transpose(backend, flat, [0, 2, 1]), [
    high / kernel,
    wide / kernel,
    kernel,
    kernel,
  ]);
}

/** Moves the last axis by `distance` places towards its end (start, if negative); zeros come in. */
function shift(backend: TraceBackend, x: GraphValue, distance: number): GraphValue {
  if (distance === 0) return x;
  const { graph } = backend;
  const none = x.shape.slice(0, -1).map(() => 0);
  return graph.emit("Pad", [x, graph.int64(...none, distance, ...none, -distance)], x.shape);
}

/**
 * Stride 1 and an output of the input's size, the usual case: no map is padded. A column shift moves values across the
 * ends of rows; a mask takes out those that crossed.
 */
function sameSizeGradient(backend: TraceBackend, x: GraphValue, dy: GraphValue, kernel: number): GraphValue {
  const { graph } = backend;
  const [batch, channels, height, width] = four(x.shape);
  const half = (kernel - 1) / 2;
  const flatX = reshape(backend, x, [batch, channels, height * width]);
  const flatDy = reshape(backend, dy, [batch, dy.shape[1]!, height * width]);
  const offsets = Array.from({ length: kernel }, (_, i) => i - half);
  const stays = (distance: number) =>
    graph.constant(
      Float32Array.from({ length: height * width }, (_, q) => {
        const from = (q % width) - distance;
        return from >= 0 && from < width ? 1 : 0;
      }),
      [height * width],
      "float32",
    );
  return product(
    backend,
    offsets.map((offset) => shift(backend, flatX, -offset * width)),
    offsets.map((offset) =>
      offset === 0
        ? flatDy
        : graph.emit("Mul", [shift(backend, flatDy, offset), stays(offset)], flatDy.shape),
    ),
  );
}

/** Any other stride-1 case: x [batch, in, height + k - 1, width'] brings its own margin, dy's rows are widened to x's. */
function validGradient(backend: TraceBackend, x: GraphValue, dy: GraphValue, kernel: number): GraphValue {
  const [batch, channels, rows, width] = four(x.shape);
  const [, out, height, dyWidth] = four(dy.shape);
  const length = height * width;
  const flatX = reshape(backend, x, [batch, channels, rows * width]);
  const wide = pad(backend, dy, [0, 0, 1, 0], [0, 0, 0, width - dyWidth]); // a row of zeros leads
  const flatDy = reshape(backend, wide, [batch, out, (height + 1) * width]);
  const cut = (flat: GraphValue, from: number) => slice(backend, flat, [2], [from], [from + length]);
  const taps = Array.from({ length: kernel }, (_, i) => i);
  return product(
    backend,
    taps.map((i) => cut(flatX, i * width)),
    taps.map((j) => cut(flatDy, width - j)),
  );
}

/**
 * Stride s: x is dealt out into its s s phases, [batch, s s in, h / s, w / s], over which the convolution has stride 1
 * and ceil(k / s) taps a side; the taps past k are cut off again.
 */
function filterGradient({ x, dy }: Inputs, attributes: Attributes, backend: TraceBackend): TensorInfo {
  const { stride, padding, filterShape } = attributes;
  const [out, channels, kernel] = filterShape;
  const d = backend.value(dy!);
  const input = backend.value(x!);
  if (kernel > 1 && gradientTakesBlocks(backend, input, d, stride))
    return backend.wrap(blockedFilterGradient(backend, input, d, kernel, { stride, padding }));
  const sameSize = stride === 1 && 2 * padding === kernel - 1;
  if (sameSize) return backend.wrap(sameSizeGradient(backend, input, d, kernel));
  const taps = Math.ceil(kernel / stride);
  const needed = (size: number) => stride * (size + taps - 1);
  const [, , height, width] = four(input.shape);
  const [rows, columns] = [needed(d.shape[2]!), needed(d.shape[3]!)];
  const grown = pad(
    backend,
    input,
    [0, 0, padding, padding],
    [0, 0, Math.max(0, rows - height - padding), Math.max(0, columns - width - padding)],
  );
  const fitted = slice(backend, grown, [2, 3], [0, 0], [rows, columns]);
  if (stride === 1) return backend.wrap(validGradient(backend, fitted, d, kernel));
  const [batch] = four(input.shape);
  // as SpaceToDepth deals, which has no kernel on WebGPU
  const split = [batch, channels, rows / stride, stride, columns / stride, stride];
  const phasesFirst = transpose(backend, reshape(backend, fitted, split), [0, 3, 5, 1, 2, 4]);
  const dealt = reshape(backend, phasesFirst, [
    batch,
    stride * stride * channels,
    rows / stride,
    columns / stride,
  ]);
  const gradient = validGradient(backend, dealt, d, taps); // [out, (row phase, column phase, in), i, j]
  const phases = reshape(backend, gradient, [out, stride, stride, channels, taps, taps]);
  const whole = reshape(backend, transpose(backend, phases, [0, 3, 4, 1, 5, 2]), [
    out,
    channels,
    taps * stride,
    taps * stride,
  ]);
  return backend.wrap(slice(backend, whole, [2, 3], [0, 0], [kernel, kernel]));
}

export const convolutions: Readonly<Record<string, Lowering>> = {
  [convolutionKernel.name]: convolution,
  [inputGradientKernel.name]: inputGradient,
  [filterGradientKernel.name]: filterGradient,
};
