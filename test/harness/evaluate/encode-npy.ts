import type { NpyArray } from "../../../src/harness/evaluate/npy.ts";

const descriptions = { uint8: "|u1", float32: "<f4", float64: "<f8" };

/** A version 1 file of the array, as numpy.save writes it. */
export function encodeNpy({ shape, dtype, data }: NpyArray): Uint8Array {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const header = `{'descr': '${descriptions[dtype]}', 'fortran_order': False, 'shape': (${sizes}), }`;
  const length = Math.ceil((10 + header.length + 1) / 64) * 64 - 10; // values start at a multiple of 64
  const prefix = Buffer.concat([
    Buffer.from("\x93NUMPY", "latin1"),
    Buffer.from([1, 0, length & 255, length >> 8]),
  ]);
  const values = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return Buffer.concat([prefix, Buffer.from(`${header.padEnd(length - 1)}\n`, "latin1"), values]);
}
