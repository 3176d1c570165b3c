/**
 * Which operation of a program the kernels that run now belong to: a profile is read by these names. Programs run
 * synchronously, so one name for the process is enough; the outermost holds.
 */
let current = "";

/** Runs `body` as part of the operation `name`, e.g. `groupNorm` or `groupNorm gradient`. */
export function within<T>(name: string, body: () => T): T {
  if (current) return body();
  current = name;
  try {
    return body();
  } finally {
    current = "";
  }
}

/** The operation that runs now; empty outside of any. */
export function origin(): string {
  return current;
}
