import { expect, test } from "vitest";
import { pixelFeatures } from "../../../src/harness/features/pixels.ts";

test("pixels as features: one row an image, in the images' own order, float64", () => {
  const data = Float32Array.from({ length: 2 * 2 * 3 * 2 }, (_, i) => i / 12 - 1);
  const images = { data, count: 2, height: 2, width: 3, channels: 2 };
  const features = pixelFeatures(images);
  expect([features.count, features.width]).toEqual([2, 12]);
  expect(features.data).toEqual(Float64Array.from(data));
  data[0] = 9;
  expect(features.data[0]).toBe(-1); // a copy: training goes on in the images
  expect(() => pixelFeatures({ ...images, count: 3 })).toThrow("24 values, expected 36");
});
