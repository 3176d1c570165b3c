/**
 * `shapes`: bright anti-aliased figures on black, made by the harness with every factor known: class, style (filled or
 * outline), hue group (RGB only), scale, rotation, position, brightness. A mode is class x style (20), in RGB class x style
 * x hue (60).
 */
import { type Rng, rng } from "../../core/rng.ts";
import { assemble, type SplitName } from "./assemble.ts";
import type { DatasetRequest, DatasetSource, Split } from "./contract.ts";
import { drawFigure, figures, type Pose } from "./figures.ts";

const DEFAULT_COUNTS = { train: 8000, test: 3000 };
const STYLES = ["filled", "outline"] as const;
/** Centres of the hue groups in degrees, 120 apart; an image's hue lies within 25 of its group's. */
const HUES = { red: 0, green: 120, blue: 240 };
const HUE_SPREAD = 25;
/** Width of an outline in edges of the image: 1.2 pixels at 16. */
const STROKE = 0.075;

/** `hue` in degrees, RGB only. */
function modesOf(channels: 1 | 3) {
  const hues: [string, number | undefined][] =
    channels === 3 ? Object.entries(HUES).map(([name, hue]) => [` ${name}`, hue]) : [["", undefined]];
  return Object.entries(figures).flatMap(([figure, outline], label) =>
    STYLES.flatMap((style) =>
      hues.map(([suffix, hue]) => ({
        name: `${figure} ${style}${suffix}`,
        label,
        outline,
        stroke: style === "outline" ? STROKE : undefined,
        hue,
      })),
    ),
  );
}

type Mode = ReturnType<typeof modesOf>[number];

/** Uniform: a radius of 0.31 to 0.43 of the edge, an angle of -20 to 20 degrees, the whole figure within the image. */
function drawPose(random: Rng): Pose {
  const between = (low: number, high: number) => low + (high - low) * random.uniform();
  const radius = between(0.31, 0.43);
  const angle = (between(-20, 20) * Math.PI) / 180;
  const room = Math.min(0.12, 0.47 - radius);
  return { radius, angle, x: 0.5 + between(-room, room), y: 0.5 + between(-room, room) };
}

/** Colour of the figure per channel, in [0, 1]: brightness 0.8 to 1; in RGB by HSV with saturation 0.6 to 0.9. */
function drawColour(random: Rng, hue: number | undefined): number[] {
  const value = 0.8 + 0.2 * random.uniform();
  if (hue === undefined) return [value];
  const turned = hue + HUE_SPREAD * (2 * random.uniform() - 1);
  const saturation = 0.6 + 0.3 * random.uniform();
  return [5, 3, 1].map((n) => {
    const k = (n + turned / 60 + 6) % 6;
    return value * (1 - saturation * Math.max(0, Math.min(k, 4 - k, 1)));
  });
}

/**
 * The mode of each image. Training images come in shuffled blocks that hold each mode once, so that a small training set
 * lacks none. Test images are drawn independently, each mode as likely as any other: a sample as good as any i.i.d. sampler
 * could give, so that real images against real ones are a floor that such a sampler can reach.
 */
function modeAt(split: SplitName, modes: number, stream: Rng): (i: number) => number {
  const drawn = stream.fold("modes");
  if (split === "test") return (i) => drawn.fold(i).integer(modes);
  let block: Uint32Array = new Uint32Array();
  return (i) => {
    if (i % modes === 0) block = drawn.fold(i / modes).permutation(modes);
    return block[i % modes]!;
  };
}

/** Image i depends on seed, split and i only, so that more images never change the first ones. */
function makeSplit(split: SplitName, count: number, modes: Mode[], request: DatasetRequest): Split {
  const { size, channels = 1, seed, onProgress } = request;
  const stream = rng(seed).fold("shapes").fold(split);
  const data = new Uint8Array(count * size * size * channels);
  const labels = new Uint8Array(count);
  const chosen = new Uint16Array(count);
  const coverage = new Float32Array(size * size);
  const modeOf = modeAt(split, modes.length, stream);
  for (let i = 0; i < count; i++) {
    const index = modeOf(i);
    const mode = modes[index]!;
    const random = stream.fold("figure").fold(i);
    drawFigure(coverage, size, mode.outline, drawPose(random), mode.stroke);
    const colour = drawColour(random, mode.hue);
    for (let p = 0; p < coverage.length; p++)
      for (let c = 0; c < channels; c++)
        data[(i * coverage.length + p) * channels + c] = Math.round(255 * coverage[p]! * colour[c]!);
    labels[i] = mode.label;
    chosen[i] = index;
    if ((i + 1) % 1000 === 0 || i + 1 === count) onProgress?.(`drawing shapes (${split})`, i + 1, count);
  }
  return { images: { data, count, height: size, width: size, channels }, labels, modes: chosen };
}

export const shapes: DatasetSource = {
  describe: "ten figures, filled or outlined, made by the harness (8,000 train, 3,000 test by default)",
  async load(_argument, request) {
    const modes = modesOf(request.channels ?? 1);
    const make = (split: SplitName) =>
      makeSplit(split, request[split] ?? DEFAULT_COUNTS[split], modes, request);
    const raw = {
      name: "shapes",
      classes: Object.keys(figures),
      modes: modes.map((mode) => mode.name),
      train: make("train"),
      test: make("test"),
      shuffled: true,
    };
    return assemble(raw, request);
  },
};
