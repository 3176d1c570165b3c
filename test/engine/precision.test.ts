/** float16 for sampling: what it is, and what it costs in accuracy. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rng } from "../../src/core/rng.ts";
import type { Engine, Precision } from "../../src/engine/contract.ts";
import { createReferenceEngine } from "../../src/engine/eager/reference.ts";
import { halfBits } from "../../src/engine/onnx/half.ts";
import { decodeModel } from "../../src/engine/onnx/schema.ts";
import { models } from "../../src/models/index.ts";
import { allEngines } from "./engines.ts";
import { relativeError } from "./numbers.ts";

/** The value of a binary16 by its definition: sign, 5 bits of exponent (bias 15), 10 of fraction. */
function halfValue(bits: number): number {
  const [sign, exponent, fraction] = [bits & 0x8000 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

describe("halfBits", () => {
  it("gives every float16 back as it is", () => {
    for (let bits = 0; bits < 0x10000; bits++) {
      const value = halfValue(bits);
      if (!Number.isNaN(value)) expect(halfBits(value)).toBe(bits);
    }
    expect(halfValue(halfBits(Number.NaN))).toBeNaN();
  });

  it("rounds to the nearest, ties to even, and overflows to infinity", () => {
    for (let bits = 0; bits < 0x7bff; bits += 7) {
      const [low, high] = [halfValue(bits), halfValue(bits + 1)];
      expect(halfBits(low + 0.49 * (high - low))).toBe(bits);
      expect(halfBits(low + 0.51 * (high - low))).toBe(bits + 1);
      expect(halfBits((low + high) / 2) % 2).toBe(0);
    }
    expect(halfBits(65519)).toBe(0x7bff);
    expect(halfBits(65520)).toBe(0x7c00);
  });
});

const model = models.ddpm.create({
  size: 8,
  channels: 1,
  base: 16,
  multipliers: [1, 2],
  blocks: 1,
  attention: [4],
  zeroInitialised: false,
});
const { network } = model;
const constants = model.samplingWeights(model.initialState(rng(0)));
const given = {
  images: { shape: [4, 8, 8, 1], data: rng(1).fillNormal(new Float32Array(256)) },
  t: { shape: [4], data: Float32Array.of(0, 7, 500, 999) },
};

describe("a network in float16", () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await allEngines["onnx/cpu"]!();
  });
  afterAll(() => engine.dispose());

  const evaluate = async (precision: Precision) => {
    const compiled = await engine.compile("evaluate", network.program, network.signature(4), {
      constants,
      precision,
    });
    const { epsilon } = await compiled.run(given);
    const data = await epsilon!.read();
    const { graph } = decodeModel(compiled.onnx()) as {
      graph: { initializer: { dataType: number; dims: number[] }[] };
    };
    compiled.dispose();
    return { data, weights: graph.initializer.find(({ dims }) => dims[0] === model.parameters)! };
  };

  it("keeps float16 weights and errs by its rounding: more than nothing, less than 1 % of the largest value", async () => {
    const [single, half] = [await evaluate("float32"), await evaluate("float16")];
    expect([single.weights.dataType, half.weights.dataType]).toEqual([1, 10]);
    const error = relativeError(half.data, single.data);
    expect(error).toBeGreaterThan(2 ** -16);
    expect(error).toBeLessThan(1e-2);
  });

  it("is refused by engines that compute in float32 alone", async () => {
    const reference = await createReferenceEngine();
    const compiling = reference.compile("evaluate", network.program, network.signature(4), {
      precision: "float16",
    });
    await expect(compiling).rejects.toMatchObject({ code: "BAD_CONFIG" });
  });
});
