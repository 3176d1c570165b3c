import { describe, expect, test } from "vitest";
import { BenchError } from "../../src/core/errors.ts";
import { toBytes, toFloat } from "../../src/core/images.ts";
import { rng } from "../../src/core/rng.ts";
import { generateImages } from "../../src/harness/stages/shared/sampling.ts";
import type { Generator } from "../../src/models/index.ts";

const grey = (...values: number[]) => ({
  ...{ count: values.length, height: 1, width: 1, channels: 1 },
  data: Float32Array.from(values),
});

const refused = async (run: () => unknown) => {
  try {
    await run();
  } catch (error) {
    if (error instanceof BenchError) return `${error.code} ${error.message}`;
    throw error;
  }
  return "no error";
};

describe("pixels as bytes", () => {
  test("every byte comes back from its number; numbers outside [-1, 1] are clamped", () => {
    const data = Uint8Array.from({ length: 256 }, (_, value) => value);
    const bytes = { data, count: 1, height: 16, width: 16, channels: 1 };
    expect(toBytes(toFloat(bytes))).toEqual(bytes);
    expect([...toBytes(grey(-1.5, -1, 0, 1, 7)).data]).toEqual([0, 0, 128, 255, 255]);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    "%s is no pixel: it is refused with its place, never black or white",
    async (bad) => {
      expect(await refused(() => toBytes(grey(0, 0.5, bad, bad)))).toContain(
        `DIVERGED images are not finite: 2 of 4 values of 4 images, the first ${bad} in image 2, from 0`,
      );
    },
  );

  test("a generator's images that are not finite reach no judge", async () => {
    const generator: Generator = {
      ...{ batch: 4, networkEvaluations: 1, compileMs: 0 },
      generate: async (_, first) => grey(0, first === 4 ? Number.NaN : 0, 0, 0),
      dispose: () => {},
    };
    const draw = (count: number) => refused(() => generateImages(generator, rng(0), count, undefined));
    expect(await draw(4)).toBe("no error");
    expect(await draw(7)).toContain("DIVERGED images are not finite");
  });
});
