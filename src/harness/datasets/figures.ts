/**
 * The figures of `shapes`. A figure is an outline, a closed polygon. It is drawn from the signed distance of each pixel to
 * that polygon, which gives smooth edges one pixel wide and, from the same number, filled and outlined figures.
 */

/** Corners x0, y0, x1, y1, ... of a closed polygon, y down; the farthest lies at distance 1 from the origin. */
export type Outline = Float64Array;

type Point = readonly [x: number, y: number];

/** Scales the farthest corner to distance 1. */
function outline(points: readonly Point[]): Outline {
  const farthest = Math.max(...points.map(([x, y]) => Math.sqrt(x * x + y * y)));
  return Float64Array.from(points.flatMap(([x, y]) => [x / farthest, y / farthest]));
}

/** The corners as SVG writes them: "x,y x,y ...". */
const polygon = (points: string): Outline =>
  outline(points.split(" ").map((point) => point.split(",").map(Number) as [number, number]));

/** `count` points along a curve, the parameter going from `from` to just before `to`. */
const along = (count: number, from: number, to: number, at: (t: number) => Point): Point[] =>
  Array.from({ length: count }, (_, i) => at(from + ((to - from) * i) / count));

const circle =
  (x: number, y: number, radius: number) =>
  (t: number): Point => [x + radius * Math.cos(t), y + radius * Math.sin(t)];

/** A disc at the origin without the disc of radius 0.75 at x = 0.6; the rims meet at the angles `tip` and `biteTip`. */
function crescent(): Outline {
  const x = (1 + 0.6 ** 2 - 0.75 ** 2) / (2 * 0.6);
  const tip = Math.acos(x);
  const biteTip = Math.acos((x - 0.6) / 0.75);
  return outline([
    ...along(32, tip, 2 * Math.PI - tip, circle(0, 0, 1)),
    ...along(20, 2 * Math.PI - biteTip, biteTip, circle(0.6, 0, 0.75)),
  ]);
}

/** Each class and its outline. Distinct at 16 pixels in every pose of `shapes`, filled and outlined. */
export const figures = {
  disc: outline(along(48, 0, 2 * Math.PI, circle(0, 0, 1))),
  square: polygon("-1,-1 1,-1 1,1 -1,1"),
  triangle: outline(along(3, -Math.PI / 2, 1.5 * Math.PI, circle(0, 0, 1))),
  plus: polygon(
    "-0.38,-1 0.38,-1 0.38,-0.38 1,-0.38 1,0.38 0.38,0.38 0.38,1 -0.38,1 -0.38,0.38 -1,0.38 -1,-0.38 -0.38,-0.38",
  ),
  star: outline(
    Array.from({ length: 10 }, (_, i): Point => {
      const radius = i % 2 === 0 ? 1 : 0.5;
      return [radius * Math.sin((i * Math.PI) / 5), -radius * Math.cos((i * Math.PI) / 5)];
    }),
  ),
  heart: outline(
    along(40, 0, 2 * Math.PI, (t) => [
      16 * Math.sin(t) ** 3,
      -2.5 - 13 * Math.cos(t) + 5 * Math.cos(2 * t) + 2 * Math.cos(3 * t) + Math.cos(4 * t),
    ]),
  ),
  crescent: crescent(),
  bar: polygon("-1,-0.42 1,-0.42 1,0.42 -1,0.42"),
  arrow: polygon("0,-1 0.9,0 0.36,0 0.36,1 -0.36,1 -0.36,0 -0.9,0"),
  corner: polygon("-0.85,-1 -0.05,-1 -0.05,0.2 0.85,0.2 0.85,1 -0.85,1"),
} satisfies Record<string, Outline>;

/** Place of a figure, in edges of the image: its centre and the radius of its farthest corner; `angle` clockwise in radians. */
export interface Pose {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly angle: number;
}

/** The outline in pixels of an image of edge `size`. */
function place(figure: Outline, pose: Pose, size: number): Outline {
  const cos = Math.cos(pose.angle) * pose.radius * size;
  const sin = Math.sin(pose.angle) * pose.radius * size;
  const placed = new Float64Array(figure.length);
  for (let i = 0; i < figure.length; i += 2) {
    placed[i] = pose.x * size + cos * figure[i]! - sin * figure[i + 1]!;
    placed[i + 1] = pose.y * size + sin * figure[i]! + cos * figure[i + 1]!;
  }
  return placed;
}

/** Distance of (x, y) to a polygon's rim, negative inside (even-odd rule). */
export function signedDistance(polygon: Outline, x: number, y: number): number {
  let nearest = Number.POSITIVE_INFINITY;
  let inside = false;
  for (let i = 0, j = polygon.length - 2; i < polygon.length; j = i, i += 2) {
    const ax = polygon[i]!;
    const ay = polygon[i + 1]!;
    const edgeX = polygon[j]! - ax;
    const edgeY = polygon[j + 1]! - ay;
    const toX = x - ax;
    const toY = y - ay;
    const share = (toX * edgeX + toY * edgeY) / (edgeX * edgeX + edgeY * edgeY);
    const clamped = Math.max(0, Math.min(1, share));
    const dx = toX - clamped * edgeX;
    const dy = toY - clamped * edgeY;
    const squared = dx * dx + dy * dy;
    if (squared < nearest) nearest = squared;
    if (ay > y !== polygon[j + 1]! > y && toX < (toY * edgeX) / edgeY) inside = !inside;
  }
  return inside ? -Math.sqrt(nearest) : Math.sqrt(nearest);
}

/**
 * Coverage in [0, 1] of each pixel by the figure, written into `out` [size, size], row-major. With a `stroke` (width in
 * edges of the image) only a band of that width inside the rim is drawn. Coverage falls from 1 to 0 across the pixel that
 * the edge passes through: 1/2 - distance, clamped.
 */
export function drawFigure(out: Float32Array, size: number, figure: Outline, pose: Pose, stroke?: number) {
  const polygon = place(figure, pose, size);
  const reach = pose.radius * size + 1;
  const within = (value: number) => Math.max(0, Math.min(size, value));
  const left = within(Math.floor(pose.x * size - reach));
  const right = within(Math.ceil(pose.x * size + reach));
  const top = within(Math.floor(pose.y * size - reach));
  const bottom = within(Math.ceil(pose.y * size + reach));
  const half = stroke === undefined ? undefined : (stroke * size) / 2;
  out.fill(0);
  for (let y = top; y < bottom; y++)
    for (let x = left; x < right; x++) {
      const filled = signedDistance(polygon, x + 0.5, y + 0.5);
      const distance = half === undefined ? filled : Math.abs(filled + half) - half;
      out[y * size + x] = Math.max(0, Math.min(1, 0.5 - distance));
    }
}
