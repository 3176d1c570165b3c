/**
 * Convolution in ONNX Runtime's blocked layout for the CPU, [batch, channels / block, height, width, block]: about twice
 * as fast as its ordinary kernel (docs/decisions/0014-blocked-convolution.md). ONNX Runtime goes there by itself only
 * where the filter is a constant, so not in training; here the graph says it. A model that holds these nodes is for this
 * machine's ONNX Runtime alone.
 */
import type { GraphValue } from "../graph.ts";
import type { TraceBackend } from "../tracer.ts";
import { reshape, transpose } from "./define.ts";

const DOMAIN = "com.microsoft.nchwc";
const qualified = (op: "ReorderInput" | "Conv" | "ReorderOutput") => `${DOMAIN}:${op}`;

/**
 * Whether a convolution gains from it: both channel counts fill whole blocks, the window is more than one pixel (else it
 * is a plain product already), and the filter changes from call to call.
 */
export function takesBlocks(backend: TraceBackend, filter: GraphValue): boolean {
  const { block } = backend;
  const [out, channels, kernel] = filter.shape as [number, number, number];
  return (
    block > 1 && kernel > 1 && out % block === 0 && channels % block === 0 && backend.graph.isDynamic(filter)
  );
}

/**
 * [out, in, k, k] -> the same values as [out / block, in / block, k, k, in of a block, out of a block]. `turned` gives
 * the filter of the input gradient instead: in and out change places, and the window is turned by 180 degrees.
 */
function blockedFilter(backend: TraceBackend, filter: GraphValue, turned: boolean): GraphValue {
  const { block, graph } = backend;
  const [out, channels, kernel] = filter.shape as [number, number, number];
  const split = reshape(backend, filter, [out / block, block, channels / block, block, kernel, kernel]);
  if (!turned) return reshape(backend, transpose(backend, split, [0, 2, 4, 5, 3, 1]), filter.shape);
  const back = graph.int64(-1, -1);
  const window = [split, back, graph.int64(-kernel - 1, -kernel - 1), graph.int64(4, 5), back];
  const rotated = graph.emit("Slice", window, split.shape);
  return reshape(backend, transpose(backend, rotated, [2, 0, 4, 5, 1, 3]), [channels, out, kernel, kernel]);
}

export interface ConvAttributes {
  readonly kernel_shape: readonly [number, number];
  readonly pads: readonly [number, number, number, number];
  readonly strides: readonly [number, number];
}

/** x [batch, in, h, w] -> `shape`: to the layout and back, both written with their ordinary shapes. */
export function blockedConv(
  backend: TraceBackend,
  x: GraphValue,
  filter: { readonly value: GraphValue; readonly turned: boolean },
  bias: GraphValue | undefined,
  shape: readonly number[],
  attributes: ConvAttributes,
): GraphValue {
  const { graph } = backend;
  const blocked = graph.emit(qualified("ReorderInput"), [x], x.shape);
  const weights = blockedFilter(backend, filter.value, filter.turned);
  const y = graph.emit(qualified("Conv"), [blocked, weights, bias], shape, "float32", { ...attributes });
  return graph.emit(qualified("ReorderOutput"), [y], shape, "float32", { channels: shape[1]! });
}

/** What shows the block: two pixels of sixteen channels, the values 0 to 31 in order, through ReorderInput. */
export const BLOCK_PROBE = { shape: [1, 16, 1, 2], op: qualified("ReorderInput") } as const;

/** Channels of a block, from BLOCK_PROBE's result; 1 where ONNX Runtime has no blocked layout for this processor. */
export function blockOf(reordered: ArrayLike<number>): number {
  const values = Array.from(reordered);
  const block = values.indexOf(1); // where the second pixel of channel 0 has gone
  const expected = (i: number) => {
    const pixel = Math.floor(i / block) % 2;
    const channel = (i % block) + block * Math.floor(i / (2 * block));
    return 2 * channel + pixel;
  };
  return block > 1 && values.every((value, i) => value === expected(i)) ? block : 1;
}
