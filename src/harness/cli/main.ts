/** The `bench` command: runs what the command line asks for, and turns every ending into an exit code. */
import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { diskError } from "../../core/disk.ts";
import { BenchError, exitCodeOf, messageOf } from "../../core/errors.ts";
import { limited } from "../../core/escape.ts";
import { harness, type Rooms } from "../run/rooms.ts";
import { type Io, printing } from "./command.ts";
import { commands } from "./commands.ts";
import { printLine } from "./output.ts";

/** Runs `words` (the command line without node and script) and returns the exit code; never throws. */
export async function main(words: readonly string[], given: Io, rooms: Rooms = harness): Promise<number> {
  const io = { ...given, stdout: printing(given.stdout), stderr: printing(given.stderr) };
  try {
    const { parseArguments } = await import("./arguments.ts");
    const parsed = await parseArguments(words, commands);
    if ("command" in parsed) return await parsed.command.run(parsed.given, io, rooms);
    printLine(io, parsed.text);
    return 0;
  } catch (thrown) {
    const error = diskError(thrown) ?? thrown;
    io.stderr.write(`${errorText(error, words.includes("--debug"))}\n`);
    return exitCodeOf(error);
  }
}

/** `error CODE: message`; the stack for errors of ours, and of the user's with --debug. */
function errorText(error: unknown, debug: boolean): string {
  const known = error instanceof BenchError;
  const lines = [`error ${known ? error.code : "INTERNAL"}: ${limited(messageOf(error))}`];
  if (!known || debug)
    for (let at: unknown = error, head = ""; at instanceof Error; at = at.cause, head = "caused by ")
      lines.push(`${head}${limited(at.stack ?? at.message)}`);
  if (!known) lines.push("This is a bug of the harness: please report it with the lines above.");
  return lines.join("\n");
}

/** Runs this process's command line and ends the process with its exit code. */
export async function runProcess(rooms: Rooms = harness): Promise<never> {
  for (const stream of [process.stdout, process.stderr])
    stream.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));
  const { stdout, stderr, env, argv } = process;
  const io = { stdout, stderr, env, cwd: process.cwd(), entry: argv[1]! };
  const code = await main(argv.slice(2), io, rooms);
  await Promise.all([stdout, stderr].map((stream) => new Promise((done) => stream.write("", done))));
  process.exit(code);
}

/** Whether node was started with this very file, as source or as a bundle. */
function isEntry(): boolean {
  const script = process.argv[1];
  return script !== undefined && realpathSync(script) === realpathSync(fileURLToPath(import.meta.url));
}

if (isEntry()) await runProcess();
