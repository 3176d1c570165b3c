/**
 * Errors of the harness. A mistake by the user, a bad file or a missing device is a `BenchError`: a code, the facts and
 * the way out. A bug of ours is an `assert` that throws `InternalError`. Wrap a lower error with `cause`.
 */
import { withoutControls } from "./escape.ts";

/** Exit code of each kind of error: 1 internal, 2 usage or bad input, 4 not comparable, 5 a cell failed, 130 interrupted. */
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

/** Most characters of a message: a hostile file cannot fill the terminal with its own content. */
const MOST_CHARACTERS = 8000;

/** Text from anywhere as a terminal can show it: control characters become U+FFFD, and the middle of a long text is left out. */
function printable(text: string): string {
  const short =
    text.length <= MOST_CHARACTERS
      ? text
      : `${text.slice(0, MOST_CHARACTERS / 2)} [… ${text.length - MOST_CHARACTERS} characters …] ${text.slice(-MOST_CHARACTERS / 2)}`;
  return withoutControls(short);
}

/** Its message is `printable`, whatever it quotes. */
export class BenchError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(printable(message), options);
    this.name = "BenchError";
    this.code = code;
  }
}

const ofCode =
  (code: ErrorCode) =>
  (message: string, cause?: unknown): BenchError =>
    new BenchError(code, message, { cause });

/** Errors of the codes that several rooms know, to be thrown. */
export const usageError = ofCode("USAGE");
export const badConfig = ofCode("BAD_CONFIG");
export const badData = ofCode("BAD_DATA");
export const badCheckpoint = ofCode("BAD_CHECKPOINT");
export const badRunFolder = ofCode("BAD_RUN_FOLDER");
export const badHistory = ofCode("BAD_HISTORY");
export const outputExists = ofCode("OUTPUT_EXISTS");
export const outputUnwritable = ofCode("OUTPUT_UNWRITABLE");
export const dataUnavailable = ofCode("DATA_UNAVAILABLE");
export const undefinedMetric = ofCode("METRIC_UNDEFINED");

/** Several mistakes of the user's, found together and told together. */
export class Mistakes extends BenchError {
  readonly mistakes: readonly BenchError[];

  constructor(mistakes: readonly [BenchError, ...BenchError[]]) {
    const lines = mistakes.map(({ message }) => `\n  ${message}`);
    super(mistakes[0].code, `${mistakes.length} mistakes:${lines.join("")}`, { cause: mistakes[0] });
    this.mistakes = mistakes;
  }
}

const singleMistakes = (error: BenchError): readonly BenchError[] =>
  error instanceof Mistakes ? error.mistakes.flatMap(singleMistakes) : [error];

/** One error for all: itself where it is one. What another of them says at its end is not said twice. */
export function asOneError(errors: readonly BenchError[]): BenchError {
  const all = errors.flatMap(singleMistakes);
  const [first, ...others] = all.filter(({ message }, i) =>
    all.every((other, j) => {
      if (i === j) return true;
      return other.message === message ? i < j : !message.endsWith(`: ${other.message}`);
    }),
  );
  assert(first, "an error for no mistake");
  return others.length === 0 ? first : new Mistakes([first, ...others]);
}

/** What each of `works` gives. @throws one error for all BenchErrors that they threw, the first of any other error */
export function allOrMistakes<T>(works: readonly (() => T)[]): T[] {
  const results: T[] = [];
  const errors: BenchError[] = [];
  for (const work of works)
    try {
      results.push(work());
    } catch (error) {
      if (!(error instanceof BenchError)) throw error;
      errors.push(error);
    }
  if (errors.length > 0) throw asOneError(errors);
  return results;
}

/** A bug in this code, never a mistake in the user's input. */
export class InternalError extends Error {
  override readonly name = "InternalError";
}

/** Refuses the user's file or folder. @throws BAD_DATA with the problem and the way out */
export function refuseFile(file: string, problem: string, wayOut: string, cause?: unknown): never {
  throw badData(`${file}: ${problem}. ${wayOut}`, cause);
}

export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InternalError(message);
}

/** Exit code of the command for a thrown value: 1 for anything but a `BenchError`. */
export function exitCodeOf(error: unknown): number {
  return error instanceof BenchError ? exitCodes[error.code] : 1;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
