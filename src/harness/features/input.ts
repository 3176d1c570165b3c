/** What a model of the user's takes, told from its file and the user's options, and images brought to it. */
import { BenchError } from "../../core/errors.ts";
import { type ByteImages, imageSize } from "../../core/images.ts";
import { describePort, type ForeignModel } from "../../engine/onnx/foreign.ts";
import { withChannels } from "../images/colour.ts";
import { type FeatureContext, type PixelRange, pixelRanges } from "./contract.ts";
import { type ResizeMode, resizers, resizeTo } from "./resize.ts";

export interface ModelInput {
  readonly type: "float32" | "uint8";
  readonly layout: "NCHW" | "NHWC";
  readonly batch: number;
  readonly channels: 1 | 3;
  readonly height: number;
  readonly width: number;
  readonly resize: ResizeMode;
  readonly range: PixelRange;
  /** One a channel. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

const MOST_IMAGES = 32;
const BATCH_VALUES = 2 ** 24;
const MOST_PIXELS = 4096;

const layouts = { NCHW: true, NHWC: true };

const usage = (message: string) => new BenchError("USAGE", message);
const isOpen = (d: number | string | undefined): boolean => typeof d !== "number" || d < 1;

/**
 * The model's input with every choice made. @throws BAD_DATA for an input that is no batch of images, USAGE for options
 * that are missing, malformed or against the model.
 */
export function inputOf({ file, input }: ForeignModel, context: FeatureContext): ModelInput {
  const declared = `${file}: its input ${describePort(input)}`;
  const { type, shape } = input;
  if (type !== "float32" && type !== "uint8")
    throw new BenchError("BAD_DATA", `${declared} is neither float32 nor uint8; convert the model`);
  if (shape.length !== 4)
    throw new BenchError("BAD_DATA", `${declared} is not a batch of images, [n, c, h, w] or [n, h, w, c]`);

  const layout = layoutOf(shape, declared, context.layout);
  const [channels, height, width] = layout === "NCHW" ? shape.slice(1) : [shape[3], shape[1], shape[2]];
  if (channels !== 1 && channels !== 3)
    throw new BenchError("BAD_DATA", `${declared} has ${channels} channels as ${layout}; 1 or 3 are needed`);
  const edge = (d: number | string | undefined) => {
    if (!isOpen(d)) return d as number;
    if (context.size === undefined)
      throw usage(`${declared} leaves the images' size open; state it, as the model's authors do`);
    return context.size;
  };
  const size = checkedSize({ height: edge(height), width: edge(width) }, context.size, declared);
  const usual = Math.min(MOST_IMAGES, Math.ceil(BATCH_VALUES / (channels * size.height * size.width)));
  return {
    type,
    layout,
    channels,
    ...size,
    batch: batchOf(shape[0], declared, usual, context.batch),
    ...valuesOf(type, channels, context, declared),
    resize: known("resize mode", resizers, context.resize ?? "area"),
  };
}

function layoutOf(shape: readonly (number | string)[], declared: string, stated?: "NCHW" | "NHWC") {
  const [first, last] = [shape[1] === 1 || shape[1] === 3, shape[3] === 1 || shape[3] === 3];
  if (stated) return known("layout", layouts, stated);
  if (first === last)
    throw usage(`${declared} does not tell where the channels are; state the layout, NCHW or NHWC`);
  return first ? "NCHW" : "NHWC";
}

function checkedSize(size: { height: number; width: number }, stated: number | undefined, declared: string) {
  const { height, width } = size;
  if (stated !== undefined && (stated !== height || stated !== width))
    throw usage(`size ${stated} was stated, but ${declared} takes ${height}x${width}`);
  for (const pixels of [height, width])
    if (!Number.isInteger(pixels) || pixels < 1 || pixels > MOST_PIXELS)
      throw usage(`a size is a whole number of pixels from 1 to ${MOST_PIXELS}, not ${pixels}`);
  return size;
}

function batchOf(
  fixed: number | string | undefined,
  declared: string,
  usual: number,
  stated?: number,
): number {
  const batch = isOpen(fixed) ? (stated ?? usual) : (fixed as number);
  if (!Number.isInteger(batch) || batch < 1) throw usage(`a batch is a whole number of images, not ${batch}`);
  if (stated !== undefined && stated !== batch)
    throw usage(`a batch of ${stated} was stated, but ${declared} takes ${batch} at once`);
  return batch;
}

function valuesOf(
  type: ModelInput["type"],
  channels: number,
  { range, mean, std }: FeatureContext,
  declared: string,
): Pick<ModelInput, "range" | "mean" | "std"> {
  if (type === "uint8" && (range ?? mean ?? std) !== undefined)
    throw usage(`${declared} takes bytes as they are: leave range, mean and std out`);
  const perChannel = (what: string, values: readonly number[]) => {
    if (values.length !== 1 && values.length !== channels)
      throw usage(`${values.length} values of ${what}, where ${declared} has ${channels} channels`);
    const wrong = values.find((v) => !Number.isFinite(v) || (what === "std" && v <= 0));
    if (wrong !== undefined)
      throw usage(`${what} of ${wrong}: a ${what === "std" ? "positive " : ""}number is needed`);
    return Array.from({ length: channels }, (_, c) => values[values.length === 1 ? 0 : c]!);
  };
  return {
    range: type === "uint8" ? "0..255" : known("range", pixelRanges, range ?? "0..1"),
    mean: perChannel("mean", mean ?? [0]),
    std: perChannel("std", std ?? [1]),
  };
}

function known<K extends string>(what: string, table: Readonly<Record<K, unknown>>, name: K): K {
  if (Object.hasOwn(table, name)) return name;
  throw usage(`unknown ${what} "${name}"; known: ${Object.keys(table).join(", ")}`);
}

/** Images `from` to `to` as one full batch: zeros stand in for those that are missing. */
export function fillBatch(images: ByteImages, from: number, to: number, input: ModelInput) {
  const { batch, channels, height, width, layout, type } = input;
  const size = imageSize(images);
  const part = { ...images, data: images.data.subarray(from * size, to * size), count: to - from };
  const resized = resizeTo(withChannels(part, channels), height, width, input.resize);
  const shape = layout === "NCHW" ? [batch, channels, height, width] : [batch, height, width, channels];
  const length = batch * channels * height * width;
  const data = type === "uint8" ? new Uint8Array(length) : new Float32Array(length);
  const { low, high } = pixelRanges[input.range];
  const area = height * width;
  for (let i = 0; i < resized.length; i++) {
    const c = i % channels;
    const pixel = Math.floor(i / channels);
    const place = layout === "NHWC" ? i : (Math.floor(pixel / area) * channels + c) * area + (pixel % area);
    data[place] =
      type === "uint8"
        ? Math.floor(resized[i]! + 0.5)
        : (low + (resized[i]! * (high - low)) / 255 - input.mean[c]!) / input.std[c]!;
  }
  return { shape, data };
}
