/**
 * Which part of a program may compute in fewer bits, where it is compiled for that: a network, but not the arithmetic
 * around it, whose factors span many orders of magnitude. Programs run synchronously, so one flag for the process is
 * enough.
 */
let inside = false;

/** Runs `body` as a part that may. A program that marks none is one as a whole. */
export function reducible<T>(body: () => T): T {
  const before = inside;
  inside = true;
  try {
    return body();
  } finally {
    inside = before;
  }
}

export function isReducible(): boolean {
  return inside;
}
