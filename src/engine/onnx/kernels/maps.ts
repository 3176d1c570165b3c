/** Our own operations on maps besides convolution, channels first. */
import { standardiseKernel } from "../../ops/normalisation.ts";
import { sumPoolKernel, upsampleKernel } from "../../ops/resampling.ts";
import { siluKernel } from "../../ops/silu.ts";
import type { Lowering } from "./define.ts";

/** LayerNormalization gives the inverse deviation as its third result: one pass for both. */
const standardise: Lowering = ({ x }, { epsilon }: { epsilon: number }, backend) => {
  const value = backend.value(x!);
  const [rows, width] = value.shape as [number, number];
  const { graph } = backend;
  const ones = graph.filled(1, [width], "float32");
  const column = { shape: [rows, 1], type: "float32" } as const;
  const [hat, , inverse] = graph.emitMany(
    "LayerNormalization",
    [value, ones],
    [{ shape: value.shape, type: "float32" }, column, column],
    { axis: -1, epsilon: { float: epsilon } },
  );
  return [backend.wrap(hat!), backend.wrap(inverse!)];
};

/** One pass of ONNX Runtime's own, exact with alpha 1; elsewhere a sigmoid and a product. */
const silu: Lowering = ({ x }, _, backend) => {
  const value = backend.value(x!);
  if (backend.block > 1 && backend.graph.isDynamic(value))
    return backend.emit("com.microsoft:QuickGelu", [x], value.shape, "float32", { alpha: { float: 1 } });
  return backend.emit("Mul", [x, backend.emit("Sigmoid", [x], value.shape)], value.shape);
};

const upsample: Lowering = ({ x }, _, backend) => {
  const [batch, channels, height, width] = x!.shape as [number, number, number, number];
  const scales = backend.graph.constant([1, 1, 2, 2], [4], "float32");
  return backend.emit("Resize", [x, undefined, scales], [batch, channels, 2 * height, 2 * width], "float32", {
    mode: "nearest",
    nearest_mode: "floor",
    coordinate_transformation_mode: "asymmetric",
  });
};

/** Pooling has a fast path; a sum over two axes that are not neighbours has none. */
const sumPool: Lowering = ({ x }, _, backend) => {
  const [batch, channels, height, width] = x!.shape as [number, number, number, number];
  const shape = [batch, channels, height / 2, width / 2];
  const means = backend.emit("AveragePool", [x], shape, "float32", { kernel_shape: [2, 2], strides: [2, 2] });
  return backend.emit("Mul", [means, backend.graph.constant([4], [], "float32")], shape);
};

export const maps: Readonly<Record<string, Lowering>> = {
  [standardiseKernel.name]: standardise,
  [siluKernel.name]: silu,
  [upsampleKernel.name]: upsample,
  [sumPoolKernel.name]: sumPool,
};
