/**
 * What the operations that run now belong to. Programs run synchronously, so one scope for the process is enough.
 */
let origin = "";
let reducing = false;

/** Runs `body` as part of the operation `name`, by which profiles know it, e.g. `groupNorm gradient`; the outermost holds. */
export function within<T>(name: string, body: () => T): T {
  if (origin) return body();
  origin = name;
  try {
    return body();
  } finally {
    origin = "";
  }
}

/**
 * Runs `body` as a part of the program that may compute in fewer bits, where it is compiled for that: a network, but not
 * the arithmetic around it, whose factors span many orders of magnitude. A program that marks no part is one as a whole.
 */
export function reducible<T>(body: () => T): T {
  const before = reducing;
  reducing = true;
  try {
    return body();
  } finally {
    reducing = before;
  }
}

/** The operation that runs now, empty outside of any, and whether it may compute in fewer bits. */
export const currentScope = () => ({ origin, reducible: reducing });
