import fc from "fast-check";
import * as fflate from "fflate";
import { describe, expect, it } from "vitest";
import { decodeNpy, decodeNpz, type NpyArray } from "../../../src/harness/evaluate/npy.ts";
import { encodeNpy } from "./encode-npy.ts";

const array: fc.Arbitrary<NpyArray> = fc
  .tuple(
    fc.array(fc.nat(4), { maxLength: 4 }),
    fc.constantFrom("uint8" as const, "float32" as const, "float64" as const),
    fc.integer(),
  )
  .map(([shape, dtype, seed]) => {
    const length = shape.reduce((a, b) => a * b, 1);
    const values = Array.from({ length }, (_, i) => Math.abs(Math.sin(seed + i)) * 200);
    const data = { uint8: Uint8Array, float32: Float32Array, float64: Float64Array };
    return { shape, dtype, data: new data[dtype](values) };
  });

const bytesOf = (base64: string) => new Uint8Array(Buffer.from(base64, "base64"));

/** numpy 2.4.6: numpy.save of float32 [[1, 2.5], [-3, 4]]. */
const saved = bytesOf(
  "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDIpLCB9ICAgICAg" +
    "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAIA/AAAgQAAAQMAAAIBA",
);
/** numpy 2.4.6: numpy.savez_compressed of uint8 arange(6) as [1, 2, 3], and labels of int64. */
const zipped = bytesOf(
  "UEsDBC0AAAAIAAAAIQC5k3uY//////////8KABQAbGFiZWxzLm5weQEAEACIAAAAAAAAAEgAAAAAAAAAm+wX6hsQychQxlCtnpJanFykbqWgbpNpo" +
    "a6joJ6WX1RSlJgXn1+UkgoSd0vMKU4FihdnJBakAvkahjqaOgq1ChQALnYGCAAAUEsDBC0AAAAIAAAAIQCdUziG//////////8JABQAYXJyXzAubn" +
    "B5AQAQAIYAAAAAAAAATwAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBeU2qorqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RqGOgpGOgr" +
    "GmjoKtQrkAS4GRiZmFlYAUEsBAi0DLQAAAAgAAAAhALmTe5hIAAAAiAAAAAoAAAAAAAAAAAAAAIABAAAAAGxhYmVscy5ucHlQSwECLQMtAAAACAAA" +
    "ACEAnVM4hk8AAACGAAAACQAAAAAAAAAAAAAAgAGEAAAAYXJyXzAubnB5UEsFBgAAAAACAAIAbwAAAA4BAAAAAA==",
);

describe(".npy", () => {
  it("reads what numpy wrote, and writes those very bytes", () => {
    const expected: NpyArray = { shape: [2, 2], dtype: "float32", data: Float32Array.of(1, 2.5, -3, 4) };
    expect(decodeNpy(saved, "x.npy")).toEqual(expected);
    expect(new Uint8Array(encodeNpy(expected))).toEqual(saved);
  });

  it("gives back any array", () => {
    fc.assert(
      fc.property(array, (given) => {
        expect(decodeNpy(encodeNpy(given), "x")).toEqual(given);
      }),
    );
  });

  it("refuses every truncation and every excess by name", () => {
    for (let length = 0; length < saved.length; length++)
      expect(() => decodeNpy(saved.subarray(0, length), "cut.npy")).toThrow(/^cut\.npy: /);
    expect(() => decodeNpy(Buffer.concat([saved, Buffer.alloc(1)]), "long.npy")).toThrow(
      "long.npy: has 17 bytes of values, but float32 [2, 2] takes 16. It is damaged.",
    );
  });

  it("never answers a damaged file with anything but a refusal or a consistent array", () => {
    fc.assert(
      fc.property(fc.nat(saved.length - 1), fc.nat(255), (at, value) => {
        const damaged = saved.slice();
        damaged[at] = value;
        try {
          const { shape, data } = decodeNpy(damaged, "x");
          expect(data.length).toBe(shape.reduce((a, b) => a * b, 1));
        } catch (error) {
          expect(error).toMatchObject({ code: "BAD_DATA" });
        }
      }),
      { numRuns: 1000 },
    );
  });

  const header = (text: string) => {
    const bytes = Buffer.from(saved);
    bytes.write(text.padEnd(117), 10, "latin1");
    return bytes;
  };
  it.each([
    ["'<i8'", "{'descr': '<i8', 'fortran_order': False, 'shape': (2,), }", "values of type <i8"],
    ["'>f4'", "{'descr': '>f4', 'fortran_order': False, 'shape': (4,), }", "values of type >f4"],
    ["objects", "{'descr': '|O', 'fortran_order': False, 'shape': (2,), }", "values of type |O"],
    ["records", "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (4,), }", "records"],
    ["Fortran order", "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2), }", "Fortran order"],
    [
      "a shape beyond the file",
      `{'descr': '<f4', 'fortran_order': False, 'shape': (${"9".repeat(15)}, 4), }`,
      "bytes of values",
    ],
    ["no header", "hello", "a header other than"],
  ])("refuses %s", (_, text, says) => {
    expect(() => decodeNpy(header(text), "x.npy")).toThrow(says);
  });
});

describe(".npz", () => {
  const zip = (members: Record<string, Uint8Array>) => fflate.zipSync(members);

  it("reads numpy's arr_0 beside other arrays", () => {
    expect(decodeNpz(zipped, "x.npz")).toEqual({
      shape: [1, 2, 3],
      dtype: "uint8",
      data: Uint8Array.of(0, 1, 2, 3, 4, 5),
    });
  });

  it("reads a single array whatever its name", () => {
    fc.assert(
      fc.property(array, (given) => {
        expect(decodeNpz(zip({ "samples.npy": encodeNpy(given) }), "x")).toEqual(given);
      }),
      { numRuns: 30 },
    );
  });

  it("refuses several without arr_0, none, and what is no zip", () => {
    const two = zip({ "a.npy": saved, "b.npy": saved });
    expect(() => decodeNpz(two, "x.npz")).toThrow("holds 2 arrays, a.npy, b.npy, and none is arr_0");
    expect(() => decodeNpz(zip({ "a.txt": saved }), "x.npz")).toThrow("holds 0 arrays.");
    expect(() => decodeNpz(saved, "x.npz")).toThrow("x.npz: is not a whole .npz file");
    expect(() => decodeNpz(zipped.subarray(0, zipped.length - 60), "x.npz")).toThrow(/BAD|x\.npz: /);
  });

  it("refuses a member that declares more than it can hold, before unpacking it", () => {
    const bomb = Buffer.from(zip({ "a.npy": saved }));
    const directory = bomb.indexOf(Buffer.from("PK\x01\x02", "latin1"));
    bomb.writeUInt32LE(0x7ffffff0, directory + 24); // its unpacked size
    expect(() => decodeNpz(bomb, "bomb.npz")).toThrow(
      /^bomb\.npz: is not a whole \.npz file: a\.npy: it declares 2147483632 bytes, more than \d+ packed bytes can hold/,
    );
  });
});
