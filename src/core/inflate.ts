/** Inflating what a stranger has packed: never more than was declared, into memory that is taken once. */
import { gunzipSync, inflateRawSync, type ZlibOptions } from "node:zlib";
import { messageOf } from "./errors.ts";

/** Deflate packs at most 258 bytes into 2 bits, so nothing grows by more than this factor. */
const MAX_EXPANSION = 1032;
/** What may be inflated from any number of bytes, 64 MiB. */
const ALWAYS = 2 ** 26;
/** By how much larger content may grow: numbers that anybody measured pack far less. */
const USUAL_EXPANSION = 100;

const kinds = { gzip: gunzipSync, deflate: inflateRawSync } satisfies Record<
  string,
  (packed: Uint8Array, options: ZlibOptions) => Uint8Array
>;

/** Why `packed` bytes cannot become `length` ones, or why nobody would want them to; undefined where they can. */
export function implausible(packed: number, length: number): string | undefined {
  if (length > packed * MAX_EXPANSION) return `more than ${packed} packed bytes can hold`;
  if (length > ALWAYS && length > packed * USUAL_EXPANSION)
    return `${Math.round(length / packed)} times its packed ${packed}, which is a bomb rather than data`;
  return undefined;
}

/**
 * The `length` bytes that `packed` must hold. Inflating ends with the first byte too many. Throws an Error whose message
 * says what is wrong, for a reader that knows the file: `it inflates to more than the 10 bytes declared`.
 */
export function inflate(packed: Uint8Array, length: number, kind: keyof typeof kinds): Uint8Array {
  const problem = implausible(packed.length, length);
  if (problem !== undefined) throw new Error(`it declares ${length} bytes, ${problem}`);
  let bytes: Uint8Array;
  try {
    // one piece of output, and one byte more, so that zlib never joins pieces to a second copy
    bytes = kinds[kind](packed, {
      chunkSize: Math.max(length + 1, 64),
      maxOutputLength: Math.max(length, 1),
    });
  } catch (cause) {
    const tooLong = (cause as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE";
    throw new Error(
      tooLong
        ? `it inflates to more than the ${length} bytes declared`
        : `it does not inflate: ${messageOf(cause)}`,
      { cause },
    );
  }
  if (bytes.length !== length)
    throw new Error(`it inflates to ${bytes.length} bytes, and ${length} are declared`);
  return bytes;
}
