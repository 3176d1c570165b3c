/** Where a command reads its surroundings and writes: results on `stdout`, progress and log on `stderr`. */
export interface Sink {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface Io {
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Script of this process, re-run for child processes. */
  readonly entry: string;
}

export function printJson(io: Io, value: unknown): void {
  io.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

export function printLine(io: Io, text = ""): void {
  io.stdout.write(`${text}\n`);
}
