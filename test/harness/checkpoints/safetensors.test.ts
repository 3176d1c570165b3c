import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeSafetensors, encodeSafetensors } from "../../../src/harness/checkpoints/safetensors.ts";

const file = {
  tensors: {
    weights: { shape: [2, 3], data: Float32Array.of(1, -2, 3.5, 0, 1e-20, 7) },
    steps: { shape: [], data: Int32Array.of(-4) },
  },
  metadata: { model: "ddpm", note: "ünïcode" },
};

describe("safetensors", () => {
  it("gives back what was written", () => {
    expect(decodeSafetensors(encodeSafetensors(file), "x")).toEqual(file);
  });

  it("follows the published layout", () => {
    const bytes = encodeSafetensors({
      tensors: { a: { shape: [1], data: Float32Array.of(1) } },
      metadata: {},
    });
    const length = Number(Buffer.from(bytes).readBigUInt64LE(0));
    expect(length % 8).toBe(0);
    const header = JSON.parse(Buffer.from(bytes).toString("utf8", 8, 8 + length));
    expect(header.a).toEqual({ dtype: "F32", shape: [1], data_offsets: [0, 4] });
    expect([...bytes.subarray(8 + length)]).toEqual([0, 0, 0x80, 0x3f]);
  });

  it("round-trips any tensors", () => {
    const tensor = fc
      .array(fc.float({ noNaN: true }), { maxLength: 20 })
      .map((values) => ({ shape: [values.length], data: Float32Array.from(values) }));
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z.]{1,12}$/), tensor), (tensors) => {
        const back = decodeSafetensors(encodeSafetensors({ tensors, metadata: {} }), "x").tensors;
        expect({ ...back }).toEqual({ ...tensors });
      }),
    );
  });

  it("refuses every truncation by name", () => {
    const bytes = encodeSafetensors(file);
    for (let length = 0; length < bytes.length; length++)
      expect(() => decodeSafetensors(bytes.subarray(0, length), "weights.safetensors")).toThrow(
        /weights\.safetensors: .*damaged/,
      );
  });

  it("never answers a damaged header with anything but a refusal or a consistent file", () => {
    const bytes = encodeSafetensors(file);
    fc.assert(
      fc.property(fc.nat(199), fc.nat(255), (at, value) => {
        const damaged = bytes.slice();
        damaged[at % damaged.length] = value;
        try {
          const { tensors } = decodeSafetensors(damaged, "x");
          for (const { shape, data } of Object.values(tensors))
            expect(data.length).toBe(shape.reduce((a, b) => a * b, 1));
        } catch (error) {
          expect(error).toMatchObject({ code: "BAD_CHECKPOINT" });
        }
      }),
      { numRuns: 500 },
    );
  });
});
