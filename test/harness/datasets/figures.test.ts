import { describe, expect, it } from "vitest";
import { drawFigure, figures, type Outline, signedDistance } from "../../../src/harness/datasets/figures.ts";

const middle = { x: 0.5, y: 0.5, radius: 0.4, angle: 0 };

function draw(figure: Outline, size: number, pose = middle, stroke?: number): Float32Array {
  const out = new Float32Array(size * size);
  drawFigure(out, size, figure, pose, stroke);
  return out;
}

const sum = (values: Float32Array) => values.reduce((total, v) => total + v, 0);

/** Area of a polygon in its own units (Gauss). */
function area(polygon: Outline): number {
  let twice = 0;
  for (let i = 0, j = polygon.length - 2; i < polygon.length; j = i, i += 2)
    twice += polygon[j]! * polygon[i + 1]! - polygon[i]! * polygon[j + 1]!;
  return Math.abs(twice) / 2;
}

function perimeter(polygon: Outline): number {
  let length = 0;
  for (let i = 0, j = polygon.length - 2; i < polygon.length; j = i, i += 2)
    length += Math.hypot(polygon[i]! - polygon[j]!, polygon[i + 1]! - polygon[j + 1]!);
  return length;
}

describe("signedDistance", () => {
  const square = Float64Array.from([-1, -1, 1, -1, 1, 1, -1, 1]);
  it("is the distance to the rim, negative inside: a square", () => {
    expect(signedDistance(square, 0, 0)).toBe(-1);
    expect(signedDistance(square, 0.75, 0.5)).toBe(-0.25);
    expect(signedDistance(square, 3, 0)).toBe(2);
    expect(signedDistance(square, 4, 5)).toBe(5); // to the corner: 3, 4, 5
    expect(signedDistance(square, 1, 0.3)).toBeCloseTo(0, 15);
  });

  it("knows the hollow of a crescent from its body", () => {
    expect(signedDistance(figures.crescent, -0.6, 0)).toBeLessThan(-0.1);
    expect(signedDistance(figures.crescent, 0.4, 0)).toBeGreaterThan(0.1);
  });

  it("is 1 - |p| for the disc, up to the flatness of its 48 sides", () => {
    for (const [x, y] of [
      [0, 0],
      [0.3, -0.4],
      [1.2, 0.9],
    ] as const)
      expect(signedDistance(figures.disc, x, y)).toBeCloseTo(Math.hypot(x, y) - 1, 2);
  });
});

describe.each(Object.entries(figures))("%s", (_name, figure) => {
  it("reaches distance 1 and no farther", () => {
    const radii = Array.from({ length: figure.length / 2 }, (_, i) =>
      Math.hypot(figure[2 * i]!, figure[2 * i + 1]!),
    );
    expect(Math.max(...radii)).toBeCloseTo(1, 12);
  });

  it("covers its polygon's area", () => {
    const expected = area(figure) * (0.4 * 128) ** 2;
    expect(Math.abs(sum(draw(figure, 128)) / expected - 1)).toBeLessThan(0.005);
  });

  it("covers, as an outline, nearly perimeter times stroke, and never outside the filled figure", () => {
    const filled = draw(figure, 128);
    const outlined = draw(figure, 128, middle, 0.02);
    const ratio = sum(outlined) / (perimeter(figure) * 0.4 * 128 * 0.02 * 128);
    expect(ratio).toBeGreaterThan(0.85); // corners are shared by two sides
    expect(ratio).toBeLessThan(1.02);
    expect(outlined.every((v, i) => v <= filled[i]! + 1e-6)).toBe(true);
  });

  it("turns with its pose: a quarter turn is the transposed and mirrored picture", () => {
    const size = 32;
    const upright = draw(figure, size);
    const turned = draw(figure, size, { ...middle, angle: Math.PI / 2 });
    for (let y = 0; y < size; y++)
      for (let x = 0; x < size; x++)
        expect(turned[y * size + x]).toBeCloseTo(upright[(size - 1 - x) * size + y]!, 4);
  });

  it("moves with its pose by whole pixels", () => {
    const here = draw(figure, 32, { ...middle, radius: 0.3 });
    const there = draw(figure, 32, { ...middle, radius: 0.3, x: 0.5 + 3 / 32, y: 0.5 - 2 / 32 });
    for (let y = 0; y < 30; y++)
      for (let x = 3; x < 32; x++) expect(there[y * 32 + x]).toBeCloseTo(here[(y + 2) * 32 + x - 3]!, 5);
  });

  it("agrees with counting 16 x 16 points in each pixel", () => {
    const size = 16;
    const smooth = draw(figure, size);
    const scaled = figure.map((v) => 0.5 * size + v * 0.4 * size);
    let difference = 0;
    for (let y = 0; y < size; y++)
      for (let x = 0; x < size; x++) {
        let hits = 0;
        for (let s = 0; s < 256; s++)
          if (signedDistance(scaled, x + ((s % 16) + 0.5) / 16, y + (Math.floor(s / 16) + 0.5) / 16) < 0)
            hits++;
        difference += Math.abs(smooth[y * size + x]! - hits / 256);
      }
    expect(difference / (size * size)).toBeLessThan(0.015);
  });
});
