import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { withChannels } from "../../../src/harness/images/colour.ts";

const bytes = (data: Uint8Array, channels: number) => ({
  data,
  count: 1,
  height: 1,
  width: data.length / channels,
  channels,
});

describe("withChannels", () => {
  it("gives the grey back after a way through RGB", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 50 }), (data) => {
        const rgb = withChannels(bytes(data, 1), 3);
        expect(rgb.channels).toBe(3);
        expect(withChannels(rgb, 1).data).toEqual(data);
      }),
    );
  });

  it("weighs red, green and blue as BT.601: 76, 150 and 29 of 255", () => {
    const primaries = Uint8Array.from([255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255]);
    expect([...withChannels(bytes(primaries, 3), 1).data]).toEqual([76, 150, 29, 255]);
  });

  it("keeps floats unrounded", () => {
    const images = { data: Float32Array.from([1, -1, -1]), count: 1, height: 1, width: 1, channels: 3 };
    expect(withChannels(images, 1).data[0]).toBeCloseTo(0.299 - 0.587 - 0.114, 6);
  });
});
