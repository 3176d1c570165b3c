/** The input of the user's model, known from its file and the user's options, and images converted to it. */
import { badData, usageError } from "../../core/errors.ts";
import { type ByteImages, imageSize } from "../../core/images.ts";
import { describePort } from "../../engine/onnx/foreign.ts";
import type { Network } from "../../engine/onnx/network.ts";
import { withChannels } from "../images/colour.ts";
import { type FeatureContext, pixelRanges } from "./contract.ts";
import { resizers, resizeTo } from "./resize.ts";

const MOST_IMAGES = 32;
const BATCH_VALUES = 2 ** 24;
const MOST_PIXELS = 4096;
/** Most values of a batch: 512 MiB of float32. */
const MOST_VALUES = 2 ** 27;

const layouts = { NCHW: true, NHWC: true };

/** A dimension of a model file; undefined where the file leaves it open. */
const fixed = (d: number | string | undefined): number | undefined =>
  typeof d === "number" && d >= 1 ? d : undefined;

/**
 * The model's input with every choice made. @throws BAD_DATA for an input that is no batch of images, USAGE for an option
 * that is missing, malformed or in conflict with the model
 */
export function inputOf({ file, input }: Network, context: FeatureContext) {
  const declared = `${file}: its input ${describePort(input)}`;
  const { type, shape } = input;
  if (type !== "float32" && type !== "uint8")
    throw badData(`${declared} is neither float32 nor uint8; convert the model`);
  if (shape.length !== 4) throw badData(`${declared} is not a batch of images, [n, c, h, w] or [n, h, w, c]`);
  const layout = layoutOf(shape, declared, context.layout);
  const [channels, ...edges] = layout === "NCHW" ? shape.slice(1) : [shape[3], shape[1], shape[2]];
  if (channels !== 1 && channels !== 3)
    throw badData(`${declared} has ${channels} channels as ${layout}; 1 or 3 are needed`);
  const [height, width] = edges.map((edge) => fixed(edge) ?? context.size);
  if (height === undefined || width === undefined)
    throw usageError(`${declared} leaves the images' size open; state it, as the model's authors do`);
  if (context.size !== undefined && (context.size !== height || context.size !== width))
    throw usageError(`size ${context.size} was stated, but ${declared} takes ${height}x${width}`);
  for (const edge of [height, width])
    if (!Number.isInteger(edge) || edge < 1 || edge > MOST_PIXELS)
      throw usageError(`a size is a whole number of pixels from 1 to ${MOST_PIXELS}, not ${edge}`);
  const usual = Math.min(MOST_IMAGES, Math.ceil(BATCH_VALUES / (channels * height * width)));
  const batch = fixed(shape[0]) ?? context.batch ?? usual;
  if (!Number.isInteger(batch) || batch < 1)
    throw usageError(`a batch is a whole number of images, not ${batch}`);
  if (batch * channels * height * width > MOST_VALUES)
    throw badData(
      `${declared} takes ${batch} images of ${height}x${width}x${channels} at once, more than ${MOST_VALUES} values; export it for fewer`,
    );
  if (context.batch !== undefined && context.batch !== batch)
    throw usageError(`a batch of ${context.batch} was stated, but ${declared} takes ${batch} at once`);
  const resize = known("resize mode", resizers, context.resize ?? "area");
  const values = valuesOf(type, channels, context, declared);
  return { type, layout, channels: channels as 1 | 3, height, width, batch, resize, ...values };
}

export type ModelInput = ReturnType<typeof inputOf>;

function layoutOf(shape: readonly (number | string)[], declared: string, stated?: "NCHW" | "NHWC") {
  const [first, last] = [shape[1] === 1 || shape[1] === 3, shape[3] === 1 || shape[3] === 3];
  if (stated) return known("layout", layouts, stated);
  if (first === last)
    throw usageError(`${declared} does not tell where the channels are; state the layout, NCHW or NHWC`);
  return first ? "NCHW" : "NHWC";
}

function valuesOf(
  type: "float32" | "uint8",
  channels: number,
  { range, mean, std }: FeatureContext,
  declared: string,
) {
  if (type === "uint8" && (range ?? mean ?? std) !== undefined)
    throw usageError(`${declared} takes bytes as they are: leave range, mean and std out`);
  const perChannel = (what: string, values: readonly number[]) => {
    if (values.length !== 1 && values.length !== channels)
      throw usageError(`${values.length} values of ${what}, where ${declared} has ${channels} channels`);
    const wrong = values.find((v) => !Number.isFinite(v) || (what === "std" && v <= 0));
    if (wrong !== undefined)
      throw usageError(`${what} of ${wrong}: a ${what === "std" ? "positive " : ""}number is needed`);
    return Array.from({ length: channels }, (_, c) => values[values.length === 1 ? 0 : c]!);
  };
  return {
    range: type === "uint8" ? "0..255" : known("range", pixelRanges, range ?? "0..1"),
    /** One number per channel, as `std`. */
    mean: perChannel("mean", mean ?? [0]),
    std: perChannel("std", std ?? [1]),
  };
}

function known<K extends string>(what: string, table: Readonly<Record<K, unknown>>, name: K): K {
  if (Object.hasOwn(table, name)) return name;
  throw usageError(`unknown ${what} "${name}"; known: ${Object.keys(table).join(", ")}`);
}

/** Images `from` to `to` as one full batch, which zeros fill up where they are fewer. */
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
