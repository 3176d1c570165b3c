/** What a command is: its flags as data, what it reads and writes, and how it may end. */

import { printable } from "../../core/escape.ts";
import type { Rooms } from "../run/rooms.ts";
import type { Flags, FlagValues } from "./flags.ts";

export interface Command<F extends Flags = Flags, P extends Flags = Flags> {
  readonly flags: F;
  /** The words after the command, by the names that its usage gives them. */
  readonly positionals?: P;
  /** Lines below the flags in its help. */
  readonly notes?: string;
  /** Commands below this one, e.g. `history add`, by usage. */
  readonly commands?: Readonly<Record<string, readonly [describe: string, command: Command]>>;
  /** Throws a BenchError for a mistake of the user's; the code is for endings that are results. */
  run(given: FlagValues<F> & FlagValues<P>, io: Io, rooms: Rooms): Promise<ExitCode>;
}

/** Commands by usage, e.g. `merge <shard..>`: one line for the help, false for none, and what loads the command's file. */
export type CommandTable = Readonly<
  Record<string, readonly [describe: string | false, load: () => Promise<{ readonly default: Command }>]>
>;

/** Infers the types of the flags for `run`. */
export function command<const F extends Flags, const P extends Flags = Record<never, never>>(
  definition: Command<F, P>,
): Command {
  return definition as Command;
}

export interface Sink {
  write(text: string): unknown;
  /** Writes what is meant to control the terminal or the workflow, where `write` lets no such thing pass. */
  control?(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Where a command reads its surroundings and writes: results on `stdout`, progress and log on `stderr`. */
export interface Io {
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Script of this process, re-run for child processes. */
  readonly entry: string;
}

/** A sink that lets nothing pass that a name or a message from elsewhere could control the terminal or the workflow by. */
export const printing = (sink: Sink): Sink => ({
  write: (text) => sink.write(printable(text)),
  control: (text) => sink.write(text),
  get isTTY() {
    return sink.isTTY;
  },
  get columns() {
    return sink.columns;
  },
});

/** Writes the harness's own control sequences and commands. */
export function control(sink: Sink, text: string): void {
  if (sink.control) sink.control(text);
  else sink.write(text);
}

/**
 * Exit codes from the gravest on: 130 interrupted with partial results saved; 1 internal error; 2 usage or bad input; 5 a
 * cell failed or a metric vanished; 3 regression; 4 cannot compare; 0 fine.
 */
const precedence = [130, 1, 2, 5, 3, 4, 0] as const;

export type ExitCode = (typeof precedence)[number];

/** The one exit code of a command that ended in several ways; 0 for none. */
export function gravest(codes: Iterable<ExitCode>): ExitCode {
  const present = new Set(codes);
  return precedence.find((code) => present.has(code)) ?? 0;
}

export const STOPPING = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * The first SIGINT, SIGTERM or SIGHUP (its terminal was closed) asks the work to stop, a second one ends the process at once. Before and after, a signal
 * has nothing to save and ends the process as usual.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const stop = () => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
  };
  for (const name of STOPPING) process.on(name, stop);
  try {
    return await work(controller.signal);
  } finally {
    for (const name of STOPPING) process.off(name, stop);
  }
}
