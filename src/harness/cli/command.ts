/** A command as data: what it takes, and a function that loads its rooms only when it runs. */
import type { Parts } from "../run/parts.ts";
import type { Arguments, Flags, globalFlags, Positionals } from "./arguments.ts";
import type { ExitCode } from "./exit.ts";
import type { Io } from "./io.ts";

export interface Command<F extends Flags = Flags> {
  /** One line; undefined hides the command from the help. */
  readonly describe: string | undefined;
  readonly flags: F;
  readonly positionals?: Positionals;
  /** Lines below the flags in its help. */
  readonly notes?: string;
  /** Throws a BenchError for a mistake of the user's; the code is for endings that are results. */
  run(given: Arguments<F & typeof globalFlags>, io: Io, parts: Parts): Promise<ExitCode>;
}

/** Infers the flags' types for `run`. */
export function command<const F extends Flags>(definition: Command<F>): Command<F> {
  return definition;
}
