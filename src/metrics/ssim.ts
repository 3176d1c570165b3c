/**
 * Structural similarity of two images: SSIM (Wang et al. 2004) and MS-SSIM (Wang, Simoncelli & Bovik 2003).
 * Float64, values 0 to 255, a normalised Gaussian window on its valid positions only, window-weighted
 * (biased) variances, channels one by one and then averaged.
 */
import { assert } from "../core/errors.ts";

/** One channel, row-major [height, width], values 0 to 255. */
interface Plane {
  readonly data: Float64Array;
  readonly height: number;
  readonly width: number;
}

/** uint8 or float values 0 to 255, [height, width, channels]. */
export interface Picture {
  readonly data: ArrayLike<number>;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

export interface Window {
  /** Edge in pixels; at most that of the smallest level. */
  readonly size: number;
  /** Standard deviation in pixels. */
  readonly sigma: number;
}

/** (0.01 L)^2 and (0.03 L)^2, L = 255: keep the quotients defined in flat parts. */
const [C1, C2] = [(0.01 * 255) ** 2, (0.03 * 255) ** 2];

/** Weights of the scales, finest first, as measured by Wang et al. 2003; they sum to 1. */
export const SCALE_WEIGHTS = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333] as const;

/**
 * MS-SSIM of two pictures of one shape, in [0, 1]; 1 when equal. Wang et al. 2003, eq. 7: contrast and
 * structure at each scale, luminance at the last, each to the power of its weight; a negative one counts as
 * 0. Between scales means of 2 x 2 pixels, an odd edge padded with zeros on either side. One scale of weight 1 is SSIM
 * (Wang et al. 2004, eq. 13), cut at 0.
 */
export function msSsim(x: Picture, y: Picture, window: Window, weights: readonly number[]): number {
  const kernel = gaussian(window);
  return overChannels(x, y, (first, second) => {
    let [a, b] = [first, second];
    return weights.reduce((product, weight, scale) => {
      if (scale > 0) [a, b] = [halve(a), halve(b)];
      const { full, structure } = similarity(a, b, kernel);
      return product * Math.max(0, scale === weights.length - 1 ? full : structure) ** weight;
    }, 1);
  });
}

function overChannels(x: Picture, y: Picture, of: (a: Plane, b: Plane) => number): number {
  assert(
    x.height === y.height && x.width === y.width && x.channels === y.channels,
    `a ${x.height} x ${x.width} x ${x.channels} picture against one of ${y.height} x ${y.width} x ${y.channels}`,
  );
  let sum = 0;
  for (let c = 0; c < x.channels; c++) sum += of(plane(x, c), plane(y, c));
  return sum / x.channels;
}

function plane({ data, height, width, channels }: Picture, channel: number): Plane {
  const values = Float64Array.from({ length: height * width }, (_, i) => data[i * channels + channel]!);
  return { data: values, height, width };
}

function gaussian({ size, sigma }: Window): Float64Array {
  const weights = Float64Array.from({ length: size }, (_, i) =>
    Math.exp(-((i - Math.floor(size / 2)) ** 2) / (2 * sigma ** 2)),
  );
  const total = weights.reduce((sum, w) => sum + w, 0);
  return weights.map((w) => w / total);
}

/** Means over all window positions: `full` with luminance, `structure` without. Wang et al. 2004, eq. 12. */
function similarity(x: Plane, y: Plane, kernel: Float64Array): { full: number; structure: number } {
  const filtered = (value: (i: number) => number) =>
    blur({ ...x, data: x.data.map((_, i) => value(i)) }, kernel).data;
  const [meanX, meanY] = [filtered((i) => x.data[i]!), filtered((i) => y.data[i]!)];
  const squareX = filtered((i) => x.data[i]! ** 2);
  const squareY = filtered((i) => y.data[i]! ** 2);
  const product = filtered((i) => x.data[i]! * y.data[i]!);
  let [full, structure] = [0, 0];
  for (let i = 0; i < meanX.length; i++) {
    const [mx, my] = [meanX[i]!, meanY[i]!];
    const [vx, vy, covariance] = [squareX[i]! - mx * mx, squareY[i]! - my * my, product[i]! - mx * my];
    const here = (2 * covariance + C2) / (vx + vy + C2);
    structure += here;
    full += here * ((2 * mx * my + C1) / (mx * mx + my * my + C1));
  }
  return { full: full / meanX.length, structure: structure / meanX.length };
}

/** Along rows, then along columns, where the window fits. */
function blur({ data, height, width }: Plane, kernel: Float64Array): Plane {
  const size = kernel.length;
  const [newHeight, newWidth] = [height - size + 1, width - size + 1];
  assert(newHeight > 0 && newWidth > 0, `a window of ${size} in ${height} x ${width} pixels`);
  const rows = new Float64Array(height * newWidth);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < newWidth; x++) {
      let sum = 0;
      for (let k = 0; k < size; k++) sum += kernel[k]! * data[y * width + x + k]!;
      rows[y * newWidth + x] = sum;
    }
  const result = new Float64Array(newHeight * newWidth);
  for (let y = 0; y < newHeight; y++)
    for (let x = 0; x < newWidth; x++) {
      let sum = 0;
      for (let k = 0; k < size; k++) sum += kernel[k]! * rows[(y + k) * newWidth + x]!;
      result[y * newWidth + x] = sum;
    }
  return { data: result, height: newHeight, width: newWidth };
}

/** Means of 2 x 2 pixels. */
function halve({ data, height, width }: Plane): Plane {
  const [padY, padX] = [height % 2, width % 2];
  const [newHeight, newWidth] = [(height + padY) / 2, (width + padX) / 2];
  const at = (y: number, x: number) =>
    y < 0 || x < 0 || y >= height || x >= width ? 0 : data[y * width + x]!;
  const result = new Float64Array(newHeight * newWidth);
  for (let y = 0; y < newHeight; y++)
    for (let x = 0; x < newWidth; x++) {
      const [top, left] = [2 * y - padY, 2 * x - padX];
      const sum = at(top, left) + at(top, left + 1) + at(top + 1, left) + at(top + 1, left + 1);
      result[y * newWidth + x] = sum / 4;
    }
  return { data: result, height: newHeight, width: newWidth };
}
