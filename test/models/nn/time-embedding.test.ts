import type * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import type { Engine } from "../../../src/engine/contract.ts";
import { createReferenceEngine } from "../../../src/engine/eager/reference.ts";
import {
  type TimeEncodingName,
  timeEmbedding,
  timeEmbeddingOf,
  timeEncodings,
} from "../../../src/models/nn/index.ts";
import { evaluateOnce } from "../evaluate.ts";
import { expectClose, goldenCases, host } from "../golden.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await createReferenceEngine();
});

const names = Object.keys(timeEncodings) as TimeEncodingName[];
const STEPS = 1000;

describe.each(names)("encoding %s", (encoding) => {
  const embed = (t: number, width = 16, period = 10_000) => timeEmbeddingOf(t, { width, encoding, period });

  it("stays within [-1, 1], and starts at sines of 0 and cosines of 1", () => {
    for (let t = 0; t < STEPS; t++)
      for (const value of embed(t)) expect(Math.abs(value)).toBeLessThanOrEqual(1);
    expect([...embed(0)].sort()).toEqual([...Array(8).fill(0), ...Array(8).fill(1)]);
  });

  it.each([10_000, 1000, 50])("tells all of a thousand steps apart, period %i", (period) => {
    const seen = new Set(
      Array.from({ length: STEPS }, (_, t) => embed(t, 16, period).map(Math.fround).join()),
    );
    expect(seen.size).toBe(STEPS);
  });

  it("a shift by k is one linear map, whatever the step: a rotation of each pair", () => {
    const k = 37;
    const { frequency, place } = timeEncodings[encoding];
    const rotated = (t: number) => {
      const from = embed(t);
      const to = new Float64Array(16);
      for (let i = 0; i < 8; i++) {
        const [sine, cosine] = place(i, 8);
        const angle = k * frequency(i, 8, 10_000);
        to[sine] = from[sine]! * Math.cos(angle) + from[cosine]! * Math.sin(angle);
        to[cosine] = from[cosine]! * Math.cos(angle) - from[sine]! * Math.sin(angle);
      }
      return to;
    };
    for (const t of [0, 1, 500, 999]) expectClose(embed(t + k), rotated(t), 1e-12);
  });

  it("is the same from the engine's table, to float32", async () => {
    const t = [0, 1, 999];
    const { rows } = await evaluateOnce(
      engine,
      ({ t }) => ({ rows: timeEmbedding(t as tf.Tensor1D, STEPS, { width: 8, encoding }) }),
      { t: host(t) },
    );
    expect(rows).toEqual(Float32Array.from(t.flatMap((step) => [...embed(step, 8)])));
  });
});

it("the interleaved form is the article's equation", () => {
  const [k, n, d] = [7, 100, 6];
  const expected = [0, 1, 2].flatMap((i) => {
    const angle = k / n ** ((2 * i) / d);
    return [Math.sin(angle), Math.cos(angle)];
  });
  expectClose(timeEmbeddingOf(k, { width: d, encoding: "interleaved", period: n }), expected, 1e-15);
});

describe("published values", () => {
  interface Inputs {
    convention: "improved" | "ddpm";
    t: number[];
    dim: number;
    max_period: number;
  }
  const published = { improved: "openai", ddpm: "ddpm" } as const;
  for (const { name, inputs, expected } of goldenCases<Inputs, { embedding: number[][] }>(
    "time_embedding",
    /dim(8|16|32)_/,
  ))
    it(name, () => {
      const { convention, t, dim: width, max_period: period } = inputs;
      for (const [i, step] of t.entries())
        expectClose(
          timeEmbeddingOf(step, { width, encoding: published[convention], period }),
          expected.embedding[i]!,
          1e-11,
        );
    });
});
