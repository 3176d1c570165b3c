/**
 * Errors of the harness. A mistake of the user's, a bad file or a missing device is a `BenchError`: a code, the facts
 * and the way out. A bug of ours is an `assert` that throws `InternalError`. Wrap a lower error with `cause`.
 */

/** Exit code of each kind of error; DESIGN: 1 internal, 2 usage or bad input, 4 cannot compare, 5 a cell failed. */
const exitCodes = {
  USAGE: 2,
  BAD_CONFIG: 2,
  BAD_DATA: 2,
  DATA_UNAVAILABLE: 2,
  BAD_CHECKPOINT: 2,
  BAD_RUN_FOLDER: 2,
  BAD_HISTORY: 2,
  OUTPUT_EXISTS: 2,
  OUTPUT_UNWRITABLE: 2,
  NO_DEVICE: 2,
  NO_ENGINE: 2,
  METRIC_UNDEFINED: 2,
  UNSUPPORTED_OP: 1,
  ENGINE_FAILED: 1,
  INTERNAL: 1,
  NOT_COMPARABLE: 4,
  QUEUE_UNAVAILABLE: 2,
  CELL_FAILED: 5,
  TIME_LIMIT: 5,
  OUT_OF_MEMORY: 5,
  DIVERGED: 5,
  INTERRUPTED: 130,
} as const;

export type ErrorCode = keyof typeof exitCodes;

export class BenchError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "BenchError";
    this.code = code;
  }
}

/** A broken promise of our own code, never of the user's input. */
export class InternalError extends Error {
  override readonly name = "InternalError";
}

export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InternalError(message);
}

/** Exit code of the command for any thrown value; 1 for what is not a `BenchError`. */
export function exitCodeOf(error: unknown): number {
  return error instanceof BenchError ? exitCodes[error.code] : 1;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
