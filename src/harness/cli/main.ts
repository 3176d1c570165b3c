/** The `bench` command: finds what was asked for, runs it, and turns whatever happens into an exit code. */
import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { diskError } from "../../core/disk.ts";
import { BenchError, exitCodeOf, messageOf } from "../../core/errors.ts";
import { nearest } from "../../core/suggest.ts";
import { harness, type Parts } from "../run/parts.ts";
import { version } from "../run/version.ts";
import { parseArguments } from "./arguments.ts";
import type { Command } from "./command.ts";
import { commands } from "./commands/index.ts";
import { type Io, printLine } from "./io.ts";

const table: Readonly<Record<string, Command>> = commands;
const visible = Object.keys(table).filter((name) => table[name]!.describe !== undefined);

/** Runs `words` (the command line without node and script) and gives the exit code; never throws. */
export async function main(words: readonly string[], io: Io, parts: Parts = harness): Promise<number> {
  try {
    return await dispatch(words, io, parts);
  } catch (thrown) {
    const error = diskError(thrown) ?? thrown;
    io.stderr.write(`${errorText(error, words.includes("--debug"))}\n`);
    return exitCodeOf(error);
  }
}

async function dispatch(words: readonly string[], io: Io, parts: Parts): Promise<number> {
  const [first] = words;
  if (first === undefined || first === "--help" || first === "-h" || first === "help") {
    const { generalHelp } = await import("./help.ts");
    printLine(io, generalHelp(table));
    return 0;
  }
  if (first === "--version") {
    printLine(io, version);
    return 0;
  }
  const named = !first.startsWith("-");
  const name = named ? first : "run";
  const command = Object.hasOwn(table, name) ? table[name] : undefined;
  if (!command) throw unknownCommand(name);
  const given = await parseArguments(
    name,
    named ? words.slice(1) : words,
    command.flags,
    command.positionals,
  );
  if (!given.flags.help) return command.run(given, io, parts);
  const { commandHelp } = await import("./help.ts");
  printLine(io, commandHelp(name, command));
  return 0;
}

function unknownCommand(name: string): BenchError {
  const guess = nearest(name, visible);
  const hint = guess === undefined ? `known: ${visible.join(", ")}` : `did you mean ${guess}?`;
  return new BenchError("USAGE", `unknown command "${name}"; ${hint}`);
}

/** `error CODE: message`; the stack for errors of ours, and of the user's with --debug. */
function errorText(error: unknown, debug: boolean): string {
  const known = error instanceof BenchError;
  const lines = [`error ${known ? error.code : "INTERNAL"}: ${messageOf(error)}`];
  if (!known || debug)
    for (let at: unknown = error, head = ""; at instanceof Error; at = at.cause, head = "caused by ")
      lines.push(`${head}${at.stack ?? at.message}`);
  if (!known) lines.push("This is a fault of the harness: please report it with the lines above.");
  return lines.join("\n");
}

/** Runs this process's command line and ends the process with its exit code. */
export async function runProcess(parts: Parts = harness): Promise<never> {
  for (const stream of [process.stdout, process.stderr])
    stream.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));
  const code = await main(
    process.argv.slice(2),
    {
      stdout: process.stdout,
      stderr: process.stderr,
      env: process.env,
      cwd: process.cwd(),
      entry: process.argv[1]!,
    },
    parts,
  );
  await Promise.all(
    [process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write("", done))),
  );
  process.exit(code);
}

/** Whether node was started with this very file, as source or as a bundle. */
function isEntry(): boolean {
  const script = process.argv[1];
  return script !== undefined && realpathSync(script) === realpathSync(fileURLToPath(import.meta.url));
}

if (isEntry()) await runProcess();
