/** float16 for sampling: what it is, and what it costs in accuracy. */
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rng } from "../../src/core/rng.ts";
import type { CompileOptions, Engine, Precision, Program } from "../../src/engine/contract.ts";
import { createReferenceEngine } from "../../src/engine/eager/reference.ts";
import { createOnnxEngine } from "../../src/engine/onnx/engine.ts";
import { halfBits } from "../../src/engine/onnx/half.ts";
import { decodeModel } from "../../src/engine/onnx/schema.ts";
import { traceProgram } from "../../src/engine/onnx/trace.ts";
import { reducible } from "../../src/engine/ops/index.ts";
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

const device = { kind: "cpu", model: "test", software: false } as const;

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

  it("is what an engine for it gives to programs that sample, and to no others", async () => {
    const reduced = await createOnnxEngine({ provider: "cpu", device, threads: 1, precision: "float16" });
    const isReduced = async (options: CompileOptions) => {
      const compiled = await reduced.compile("evaluate", network.program, network.signature(1), options);
      const { graph } = decodeModel(compiled.onnx()) as { graph: { initializer: { dataType: number }[] } };
      compiled.dispose();
      return graph.initializer.some(({ dataType }) => dataType === 10);
    };
    expect(await isReduced({ constants, sampling: true })).toBe(true);
    for (const options of [{ constants }, {}, { constants, sampling: true, precision: "float32" as const }])
      expect(await isReduced(options)).toBe(false);
    await reduced.dispose();
  });

  it("is refused by engines that compute in float32 alone", async () => {
    const reference = await createReferenceEngine();
    const compiling = reference.compile("evaluate", network.program, network.signature(4), {
      precision: "float16",
    });
    await expect(compiling).rejects.toMatchObject({ code: "BAD_CONFIG" });
  });
});

describe("float16 on a processor that has none", () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await allEngines["onnx/cpu"]!();
  });
  afterAll(() => engine.dispose());

  const x = Float32Array.of(1, 2, 3, 4);
  const run = async (program: (x: tf.Tensor) => tf.Tensor, precision: Precision = "float16") => {
    const plain: Program<"x", "y"> = ({ x }) => ({ y: program(x) });
    const compiled = await engine.compile("law", plain, { x: { shape: [4] } }, { precision });
    const { y } = await compiled.run({ x: { shape: [4], data: x } });
    const data = await y.read();
    compiled.dispose();
    return Array.from(data);
  };

  const between: Record<string, (x: tf.Tensor) => tf.Tensor> = {
    nothing: (x) => x,
    "a reshape": (x) => tf.reshape(tf.reshape(x, [2, 2]), [4]),
    "a transpose": (x) => tf.reshape(tf.transpose(tf.transpose(tf.reshape(x, [2, 2]))), [4]),
    "a slice": (x) => tf.slice(tf.concat([x, x], 0), [4], [4]),
    "a split": (x) => tf.split(tf.concat([x, x], 0), 2, 0)[1]!,
    "a gather": (x) => tf.gather(x, tf.tensor1d([0, 1, 2, 3], "int32")),
  };

  it.each(Object.entries(between))(
    "rounds and overflows between operators, with %s between them",
    async (_, pass) => {
      // an ulp of 1 is 2^-10 and of 4 2^-8: a quarter of the first is lost in every element
      const lost = (x: tf.Tensor) => tf.mul(tf.sub(pass(tf.add(x, 2 ** -12)), x), 4096);
      expect(await run(lost, "float32")).toEqual([1, 1, 1, 1]);
      expect(await run(lost)).toEqual([0, 0, 0, 0]);
      const over = (x: tf.Tensor) => tf.mul(pass(tf.mul(x, 30_000)), 2 ** -10);
      const infinite = Number.POSITIVE_INFINITY;
      expect((await run(over)).slice(2)).toEqual([infinite, infinite]);
      expect((await run(over)).slice(0, 2).every(Number.isFinite)).toBe(true);
    },
  );

  it("is of what the program marks alone, with what the two parts share in both", async () => {
    const shared = tf.tensor1d([1.0001, 1, 1, 1]).arraySync();
    const network = (x: tf.Tensor) => tf.mul(x, tf.tensor1d(shared));
    const around = (mark: <T>(body: () => T) => T) => (x: tf.Tensor) =>
      tf.mul(
        tf.add(
          mark(() => network(x)),
          tf.mul(tf.mul(x, tf.tensor1d(shared)), 1e6),
        ),
        1e-6,
      );
    const [marked, unmarked] = [await run(around(reducible)), await run(around((body) => body()))];
    const exact = await run(around(reducible), "float32");
    expect(marked.every((value, i) => Math.abs(value - exact[i]!) < 1e-6 * exact[i]!)).toBe(true);
    expect(unmarked).toEqual([0, 0, 0, 0].fill(Number.POSITIVE_INFINITY));
    // and the marked part is rounded: 1.0001 is 1 in float16
    const part = (x: tf.Tensor) =>
      tf.sub(
        reducible(() => network(x)),
        x,
      );
    expect((await run(part, "float32"))[0]).toBeCloseTo(1e-4, 6);
    expect(await run(part)).toEqual([0, 0, 0, 0]);
  });

  it("is written into a model file as float16 itself, which other tools run", () => {
    const program: Program<"x", "y"> = ({ x }) => ({
      y: tf.mul(
        reducible(() => tf.exp(tf.mul(x, 0.3))),
        1e6,
      ),
    });
    const types = (emulated: boolean) => {
      const { model } = traceProgram(
        "law",
        program,
        { x: { shape: [4] } },
        { precision: "float16", emulated },
      );
      const { graph } = decodeModel(model) as { graph: { node: { opType: string }[] } };
      return graph.node.map(({ opType }) => opType);
    };
    expect(types(false)).toEqual(["Cast", "Mul", "Exp", "Cast", "Mul", "Identity"]);
    expect(types(true).filter((type) => type === "Cast").length).toBeGreaterThan(4);
  });
});
