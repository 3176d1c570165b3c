/**
 * Exit codes: 0 fine; 1 internal error; 2 usage or bad input; 3 regression; 4 cannot compare; 5 a cell failed or a
 * metric vanished; 130 interrupted with partial results saved.
 */

/** From the gravest on: where several hold, the first of these that does. */
const precedence = [130, 1, 2, 5, 3, 4, 0] as const;

export type ExitCode = (typeof precedence)[number];

/** The one exit code of a command that ended in several ways; 0 for none. */
export function gravest(codes: Iterable<ExitCode>): ExitCode {
  const present = new Set(codes);
  return precedence.find((code) => present.has(code)) ?? 0;
}
