/** A NumPy array as images, whose range must be clear from the values, or as feature vectors. */
import { refuseFile } from "../../core/errors.ts";
import type { ByteImages } from "../../core/images.ts";
import type { Features } from "../../metrics/contract.ts";
import { greyWhereEqual } from "../images/read.ts";
import type { NpyArray } from "./npy.ts";

/** Float images with values below this are in [-1, 1]; with a lowest value between this and 0 either range is possible. */
const PLAINLY_NEGATIVE = -0.5;

function checkFinite({ data, shape }: NpyArray, file: string): void {
  const at = data.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  const place: number[] = [];
  for (let axis = shape.length - 1, rest = at; axis >= 0; axis--) {
    place.unshift(rest % shape[axis]!);
    rest = Math.floor(rest / shape[axis]!);
  }
  refuseFile(file, `holds ${data[at]} at [${place.join(", ")}]`, "Only finite values can be measured.");
}

/**
 * Images of uint8 0..255, or of floats in [0, 1] or [-1, 1], [n, height, width, channels] or [n, height, width]; and the
 * range that was assumed. @throws BAD_DATA where the layout or the range is not clear
 */
export function imagesOf(array: NpyArray, file: string): { images: ByteImages; range: string } {
  const { shape, dtype } = array;
  const refuse = (wayOut: string) => refuseFile(file, `has the shape [${shape.join(", ")}]`, wayOut);
  if (shape.length === 2)
    refuse("That is a table of features: give --features none, or images as [n, height, width, channels].");
  if (shape.length !== 3 && shape.length !== 4)
    refuse("Images are [n, height, width, channels] or [n, height, width].");
  const [count, height, width, channels = 1] = shape as [number, number, number, number?];
  if (channels !== 1 && channels !== 3)
    refuse(
      height === 1 || height === 3
        ? "The channels come last: numpy.moveaxis(images, 1, -1)."
        : "Images have 1 or 3 channels, which come last.",
    );
  if (height === 0 || width === 0) refuse("Images have at least one pixel.");
  checkFinite(array, file);
  const { data, range } = dtype === "uint8" ? { data: array.data, range: "uint8" } : toUint8(array, file);
  return {
    images: greyWhereEqual({ data: data as Uint8Array, count, height, width, channels }),
    range,
  };
}

function toUint8({ data }: NpyArray, file: string): { data: Uint8Array; range: string } {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of data) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const found = `holds floats from ${low} to ${high}`;
  if (low < -1 || high > 1)
    refuseFile(file, found, "Floats are read in [0, 1] or [-1, 1]; scale or clip them, or save uint8.");
  if (low < 0 && low > PLAINLY_NEGATIVE)
    refuseFile(
      file,
      `${found}, which may be [0, 1] overshot or [-1, 1] without dark pixels`,
      "Clip them to [0, 1], or save uint8.",
    );
  const [scale, shift] = low < 0 ? [127.5, 127.5] : [255, 0];
  return {
    data: Uint8Array.from(data, (value) => Math.round(scale * value + shift)),
    range: low < 0 ? "float in [-1, 1]" : "float in [0, 1]",
  };
}

/** Feature vectors of float32 or float64, [n, width]. @throws BAD_DATA */
export function featuresOf(array: NpyArray, file: string): Features {
  const { shape, dtype, data } = array;
  if (dtype === "uint8")
    refuseFile(
      file,
      "holds uint8",
      "Features are float32 or float64; images need --features other than none.",
    );
  if (shape.length !== 2 || shape[1] === 0)
    refuseFile(file, `has the shape [${shape.join(", ")}]`, "Features are [n, width], at least one wide.");
  checkFinite(array, file);
  return { data: Float64Array.from(data), count: shape[0]!, width: shape[1]! };
}
