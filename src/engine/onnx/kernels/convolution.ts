/** Convolution and its gradients; which lowering each pass takes was measured (docs/decisions/0003-convolution.md). */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { convolvedSize, type Shape4, type Window } from "../../ops/convolution.ts";
import { kernelNames } from "../../ops/kernel-names.ts";
import type { GraphValue } from "../graph.ts";
import type { TraceBackend } from "../tracer.ts";
import { type Inputs, type Lowering, pad, reshape, slice, transpose } from "./define.ts";

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
  return backend.graph.emit("Conv", [x, filter, bias], shape, "float32", {
    kernel_shape: [kernel, kernel],
    pads: [padding, padding, padding, padding],
    strides: [stride, stride],
  });
}

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
  const { graph } = backend;
  if (stride === 1 && padding < kernel) {
    const swapped = transpose(backend, w, [1, 0, 2, 3]);
    const back = graph.int64(-1, -1);
    const turned =
      kernel === 1
        ? swapped
        : graph.emit(
            "Slice",
            [swapped, back, graph.int64(-kernel - 1, -kernel - 1), graph.int64(2, 3), back],
            swapped.shape,
          );
    return backend.wrap(conv(backend, d, turned, undefined, 1, kernel - 1 - padding));
  }
  const leftover = (size: number, out: number) => size - ((out - 1) * stride + kernel - 2 * padding);
  return backend.emit("ConvTranspose", [d, w], inputShape, "float32", {
    kernel_shape: [kernel, kernel],
    pads: [padding, padding, padding, padding],
    strides: [stride, stride],
    output_padding: [leftover(inputShape[2], d.shape[2]!), leftover(inputShape[3], d.shape[3]!)],
  });
}

/** Per-image im2col, [batch, in k k, h' w'], then one batched product whose results are summed over the batch. */
function filterGradient({ x, dy }: Inputs, attributes: Attributes, backend: TraceBackend): TensorInfo {
  const { stride, padding, filterShape } = attributes;
  const [out, channels, kernel] = filterShape;
  const input = backend.value(x!);
  const d = backend.value(dy!);
  const [batch, , height, width] = four(d.shape);
  const { graph } = backend;
  const padded = pad(backend, input, [0, 0, padding, padding], [0, 0, padding, padding]);
  const taps: GraphValue[] = [];
  for (let i = 0; i < kernel; i++)
    for (let j = 0; j < kernel; j++)
      taps.push(
        slice(
          backend,
          padded,
          [2, 3],
          [i, j],
          [i + (height - 1) * stride + 1, j + (width - 1) * stride + 1],
          [stride, stride],
        ),
      );
  const patches = kernel * kernel * channels;
  const stacked =
    taps.length === 1
      ? taps[0]!
      : graph.emit("Concat", taps, [batch, patches, height, width], "float32", { axis: 1 });
  const columns = reshape(backend, stacked, [batch, patches, height * width]);
  const rows = reshape(backend, d, [batch, out, height * width]);
  const products = graph.emit(
    "MatMul",
    [rows, transpose(backend, columns, [0, 2, 1])],
    [batch, out, patches],
  );
  const summed = graph.emit("ReduceSum", [products, graph.int64(0)], [out, patches], "float32", {
    keepdims: 0,
  });
  const taken = reshape(backend, summed, [out, kernel, kernel, channels]);
  return backend.wrap(transpose(backend, taken, [0, 3, 1, 2]));
}

/** LayerNormalization gives the inverse deviation as its third result: one pass for both. */
const standardise: Lowering = ({ x }, { epsilon }: { epsilon: number }, backend) => {
  const value = backend.value(x!);
  const [rows, width] = value.shape as [number, number];
  const { graph } = backend;
  const ones = graph.emit("Expand", [graph.constant([1], [], "float32"), graph.int64(width)], [width]);
  const column = { shape: [rows, 1], type: "float32" } as const;
  const [hat, , inverse] = graph.emitMany(
    "LayerNormalization",
    [value, ones],
    [{ shape: value.shape, type: "float32" }, column, column],
    { axis: -1, epsilon: { float: epsilon } },
  );
  return [backend.wrap(hat!), backend.wrap(inverse!)];
};

export const convolutions: Readonly<Record<string, Lowering>> = {
  [kernelNames.convolution]: convolution,
  [kernelNames.convolutionInputGradient]: inputGradient,
  [kernelNames.convolutionFilterGradient]: filterGradient,
  [kernelNames.standardise]: standardise,
};
