/**
 * Convolution in ONNX Runtime's blocked layout for the CPU, [batch, channels / block, height, width, block]: about twice
 * as fast as its ordinary kernel (docs/decisions/0014-training-in-the-blocked-layout.md). ONNX Runtime goes there by itself
 * only
 * where the filter is a constant, so not in training; here the graph says it. A model that holds these nodes is for this
 * machine's ONNX Runtime alone.
 */
import type { Window } from "../../ops/convolution.ts";
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
  const { block } = backend;
  const [out, channels, kernel] = filter.shape as [number, number, number];
  const taps = kernel * kernel;
  const [outer, inner] = [out / block, channels / block];
  const outputsLast = transpose(
    backend,
    reshape(backend, filter, [outer, block, channels * taps]),
    [0, 2, 1],
  );
  const byTap = Array.from({ length: channels * taps }, (_, i) => {
    const [group, tap, channel] = [Math.floor(i / (taps * block)), Math.floor(i / block) % taps, i % block];
    return (group * block + channel) * taps + tap;
  });
  const ordered = gathered(backend, outputsLast, 1, byTap);
  if (!turned) return reshape(backend, ordered, filter.shape);
  // from what the forward pass has already
  const exchanged = transpose(
    backend,
    reshape(backend, ordered, [outer * inner * taps, block, block]),
    [0, 2, 1],
  );
  const backwards = Array.from({ length: outer * inner * taps }, (_, i) => {
    const [group, from, tap] = [Math.floor(i / (outer * taps)), Math.floor(i / taps) % outer, i % taps];
    return (from * inner + group) * taps + taps - 1 - tap;
  });
  return reshape(backend, gathered(backend, exchanged, 0, backwards), [channels, out, kernel, kernel]);
}

/**
 * Pieces of x along an axis, in this order. Not written as a Transpose, because ONNX Runtime makes one of two Transposes in
 * a row, and that one goes value by value.
 */
function gathered(backend: TraceBackend, x: GraphValue, axis: number, order: readonly number[]): GraphValue {
  const { graph } = backend;
  const shape = x.shape.map((d, i) => (i === axis ? order.length : d));
  return graph.emit("Gather", [x, graph.int64(...order)], shape, "float32", { axis });
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
  return unblocked(backend, y);
}

/** The ordinary layout again, of values that lie in blocks. */
function unblocked(backend: TraceBackend, x: GraphValue): GraphValue {
  return backend.graph.emit(qualified("ReorderOutput"), [x], x.shape, "float32", { channels: x.shape[1]! });
}

/** [batch, channels, h, w] as one map per channel whose channels are the images: [channels, batch, h, w], in blocks. */
function imagesAsChannels(backend: TraceBackend, x: GraphValue): GraphValue {
  const { block, graph } = backend;
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  const merged = reshape(backend, x, [1, batch, channels, height * width]);
  const blocked = graph.emit(qualified("ReorderInput"), [merged], merged.shape);
  const byImages = reshape(backend, blocked, [batch / block, channels, height * width * block]);
  return reshape(backend, transpose(backend, byImages, [1, 0, 2]), [channels, batch, height, width]);
}

/** [batch, channels, h, w] as a filter [channels, batch, h, w] in blocks: a window as large as the map. */
function mapsAsFilter(backend: TraceBackend, x: GraphValue): GraphValue {
  const { block } = backend;
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  const groups = channels / block;
  const piece = block * height * width;
  const byGroup = Array.from(
    { length: batch * groups },
    (_, i) => (i % batch) * groups + Math.floor(i / batch),
  );
  const pieces = reshape(backend, x, [batch * groups, piece]);
  const grouped = groups === 1 ? pieces : gathered(backend, pieces, 0, byGroup);
  const matrices = reshape(backend, grouped, [(batch / block) * groups, block * block, height * width]);
  return reshape(backend, transpose(backend, matrices, [0, 2, 1]), [channels, batch, height, width]);
}

/** Zeros around maps in blocks; negative numbers cut off. A convolution's own padding is slow where it is most of the work. */
function framed(backend: TraceBackend, x: GraphValue, before: number, after: readonly [number, number]) {
  const { block, graph } = backend;
  const [maps, channels, height, width] = x.shape as [number, number, number, number];
  if (before === 0 && after.every((p) => p === 0)) return x;
  const [below, right] = after;
  const flat = reshape(backend, x, [(maps * channels) / block, height, width * block]);
  const grown = [flat.shape[0]!, before + height + below, (before + width + right) * block];
  const pads = graph.int64(0, before, before * block, 0, below, right * block);
  return reshape(backend, graph.emit("Pad", [flat, pads], grown), [
    maps,
    channels,
    grown[1]!,
    grown[2]! / block,
  ]);
}

/** Whether the filter gradient gains from it: images and one side's channels fill whole blocks. */
export function gradientTakesBlocks(backend: TraceBackend, x: GraphValue, dy: GraphValue, stride: number) {
  const { block } = backend;
  const [batch, channels] = x.shape as [number, number];
  const whole = (n: number) => n % block === 0;
  return block > 1 && whole(batch) && (whole(dy.shape[1]!) || (whole(channels) && stride === 1));
}

/**
 * dW[o, c, i, j] = sum over images and positions q of dy[o, q] x[c, stride q + (i, j) - padding], as a convolution whose
 * channels are the images: the maps of dy are its filter, as far apart as the stride, and the k k taps are what it leaves
 * of each map of x. Where only x's channels fill blocks the two change places, and the taps come out backwards.
 * x [batch, in, h, w], dy [batch, out, h', w'] -> [out, in, k, k].
 */
export function blockedFilterGradient(
  backend: TraceBackend,
  x: GraphValue,
  dy: GraphValue,
  kernel: number,
  { stride, padding }: Window,
): GraphValue {
  const { block, graph } = backend;
  const [, out, rows, columns] = dy.shape as [number, number, number, number];
  const [, channels, height, width] = x.shape as [number, number, number, number];
  const direct = out % block === 0;
  const [maps, filter] = direct ? [x, dy] : [dy, x];
  const before = direct ? padding : kernel - 1 - padding;
  const needed = (size: number) => (direct ? stride * (size - 1) + kernel : size + kernel - 1);
  const after = [
    needed(filter.shape[2]!) - maps.shape[2]! - before,
    needed(filter.shape[3]!) - maps.shape[3]! - before,
  ] as const;
  const framedMaps = framed(backend, imagesAsChannels(backend, maps), before, after);
  const shape = direct ? [channels, out, kernel, kernel] : [out, channels, kernel, kernel];
  const taps = graph.emit(qualified("Conv"), [framedMaps, mapsAsFilter(backend, filter)], shape, "float32", {
    kernel_shape: direct ? [rows, columns] : [height, width],
    pads: [0, 0, 0, 0],
    strides: [1, 1],
    dilations: direct ? [stride, stride] : [1, 1],
  });
  if (direct) return transpose(backend, unblocked(backend, taps), [1, 0, 2, 3]);
  const rowsOfBlocks = reshape(backend, taps, [(out * channels) / block, kernel * kernel, block]);
  const backwards = Array.from({ length: kernel * kernel }, (_, i) => kernel * kernel - 1 - i);
  return unblocked(backend, reshape(backend, gathered(backend, rowsOfBlocks, 1, backwards), shape));
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
