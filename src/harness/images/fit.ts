/** How the user's pictures become opaque and square: what transparency lies on, and what is cut off or added. */
import { assert } from "../../core/errors.ts";
import type { ByteImages } from "../../core/images.ts";

/** `cover` cuts the middle out of an oblong picture; `contain` keeps all of it, between margins of the background. */
export const fits = ["cover", "contain"] as const;
export type Fit = (typeof fits)[number];

/** Red, green and blue, 0..255. */
export type Colour = readonly [red: number, green: number, blue: number];

const named = { white: [255, 255, 255], black: [0, 0, 0], grey: [128, 128, 128] } as const satisfies Record<
  string,
  Colour
>;

export const colourNames = Object.keys(named);
export const COLOUR = new RegExp(`^(${colourNames.join("|")}|#[0-9a-fA-F]{6})$`);

/** `white`, `black`, `grey` or `#rrggbb`; the caller has checked it against COLOUR. */
export function parseColour(text: string): Colour {
  if (Object.hasOwn(named, text)) return named[text as keyof typeof named];
  const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(text.slice(at, at + 2), 16));
  assert(COLOUR.test(text), `${text} is no colour`);
  return [red!, green!, blue!];
}

/** How pictures are brought to the form that is trained on. Default: cover, on white. */
export interface Fitting {
  readonly fit?: Fit;
  readonly background?: Colour;
}

const WHITE: Colour = named.white;

/**
 * Pixels of 1 to 4 channels (grey, grey and alpha, RGB, RGBA), in bytes, as RGB over the background: alpha is the share of
 * the picture, and values are rounded half up. `transparent` tells whether any pixel was.
 */
export function overBackground(
  pixels: Uint8Array,
  channels: number,
  background: Colour = WHITE,
): { data: Uint8Array; transparent: boolean } {
  const count = pixels.length / channels;
  const data = new Uint8Array(count * 3);
  const hasAlpha = channels % 2 === 0;
  let transparent = false;
  for (let p = 0; p < count; p++) {
    const alpha = hasAlpha ? pixels[p * channels + channels - 1]! : 255;
    if (alpha < 255) transparent = true;
    for (let c = 0; c < 3; c++) {
      const value = pixels[p * channels + (channels > 2 ? c : 0)]!;
      data[3 * p + c] =
        alpha === 255 ? value : Math.floor((alpha * value + (255 - alpha) * background[c]!) / 255 + 0.5);
    }
  }
  return { data, transparent };
}

/** One RGB picture made square: its middle, or all of it between two equal margins (the odd pixel at the far end). */
export function squared(
  picture: ByteImages,
  { fit = "cover", background = WHITE }: Fitting = {},
): ByteImages {
  const { data, width, height, channels } = picture;
  assert(picture.count === 1 && channels === 3, "squared takes one RGB picture");
  if (width === height) return picture;
  const size = fit === "cover" ? Math.min(width, height) : Math.max(width, height);
  const out = new Uint8Array(size * size * 3);
  if (fit === "contain") for (let i = 0; i < out.length; i++) out[i] = background[i % 3]!;
  const [left, top] = [Math.floor(Math.abs(width - size) / 2), Math.floor(Math.abs(height - size) / 2)];
  const [columns, rows] = [Math.min(width, size), Math.min(height, size)];
  const [from, to] =
    fit === "cover"
      ? [
          { left, top },
          { left: 0, top: 0 },
        ]
      : [
          { left: 0, top: 0 },
          { left, top },
        ];
  for (let y = 0; y < rows; y++) {
    const start = ((y + from.top) * width + from.left) * 3;
    out.set(data.subarray(start, start + columns * 3), ((y + to.top) * size + to.left) * 3);
  }
  return { data: out, count: 1, height: size, width: size, channels: 3 };
}
