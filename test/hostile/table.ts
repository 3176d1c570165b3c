/** The table of hostile inputs: what is made, who reads it, and with which code and words it is refused. */
import type { ErrorCode } from "../../src/core/errors.ts";
import { rng } from "../../src/core/rng.ts";

export interface Row {
  readonly name: string;
  /** Makes the input, within `folder` where it is a file, and has it read as a command does. */
  read(folder: string): unknown;
  readonly code: ErrorCode;
  /** A piece of the message. */
  readonly says: RegExp;
  /**
   * Of a mutant, which may have lost nothing that matters: whether what was read is the very content of what it was made of.
   * A row without this must be refused.
   */
  isSame?(read: unknown): boolean;
}

export const row = (name: string, read: Row["read"], code: ErrorCode, says: RegExp): Row => ({
  name,
  read,
  code,
  says,
});

/** `count` copies of `bytes`, each with some bytes changed, cut short or grown, by the seed. */
export function mutants(
  bytes: Uint8Array,
  count: number,
  seed: number,
): { name: string; bytes: Uint8Array }[] {
  return Array.from({ length: count }, (_, i) => {
    const stream = rng(seed).fold("mutant").fold(i);
    const made = Uint8Array.from(bytes);
    const at = stream.integer(bytes.length);
    switch (i % 5) {
      case 0:
        made[at]! ^= 1 << stream.integer(8);
        return { name: `a flipped bit of byte ${at}`, bytes: made };
      case 1:
        return { name: `cut after ${at} bytes`, bytes: made.subarray(0, at) };
      case 2:
        made.fill(0xff, at, at + 4);
        return { name: `four bytes of 0xff from ${at}`, bytes: made };
      case 3:
        made.fill(0, at, at + 8);
        return { name: `eight bytes of 0 from ${at}`, bytes: made };
      default:
        return {
          name: `its bytes from ${at} on once more`,
          bytes: Buffer.concat([made, made.subarray(at)]),
        };
    }
  });
}
