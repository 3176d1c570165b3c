/** What the system says of a write that failed, as the user's to mend. */
import { BenchError } from "./errors.ts";

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EFBIG: "a file would be larger than is allowed here",
  EROFS: "the file system is read-only",
  EIO: "the disk reports an error",
};

/**
 * OUTPUT_UNWRITABLE for an error of the system's that says so, whatever it is wrapped in; undefined for any other. What
 * was finished before stays valid.
 */
export function diskError(error: unknown): BenchError | undefined {
  if (error instanceof BenchError) return undefined;
  const { code, path, errors, cause } = (error ?? {}) as {
    code?: unknown;
    path?: unknown;
    errors?: readonly unknown[];
    cause?: unknown;
  };
  const why = typeof code === "string" && Object.hasOwn(reasons, code) ? reasons[code] : undefined;
  if (why !== undefined)
    return new BenchError(
      "OUTPUT_UNWRITABLE",
      `${typeof path === "string" ? `${path} cannot be written: ` : ""}${why} (${code}). Make room or choose another ` +
        "place; a run that this stopped goes on with --resume.",
      { cause: error },
    );
  for (const inner of [...(error instanceof AggregateError ? (errors ?? []) : []), cause]) {
    const found = inner === undefined ? undefined : diskError(inner);
    if (found) return found;
  }
  return undefined;
}
