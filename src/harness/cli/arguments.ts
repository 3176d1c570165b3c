/**
 * Reads the command line with yargs. What yargs would guess at is refused before yargs sees it, because a parser that
 * guesses runs an experiment that nobody asked for: docs/decisions/0005-strict-flags.md.
 */
import yargs, { type Argv, type Options } from "yargs";
import { messageOf, usageError } from "../../core/errors.ts";
import { nearest } from "../../core/suggest.ts";
import { version } from "../run/environment.ts";
import type { Command, CommandTable } from "./command.ts";
import { type Flags, toggle } from "./flags.ts";

declare module "yargs" {
  interface Argv<T> {
    /** In yargs since 17.7, and not yet in its types. */
    usageConfiguration(options: { "hide-types": boolean }): Argv<T>;
  }
}

const globalFlags = {
  help: toggle("show this help"),
  version: toggle("show the version"),
  debug: toggle("show the stack of an error"),
};

/** Columns of the help. */
const WIDTH = 100;

const summary =
  "GAN or diffusion, for this deployment? Trains both on the same data and measures what decides.";
const generalNotes =
  "Flags without a command are those of run. Results go to stdout, progress and errors to stderr.\n\n" +
  "Exit codes: 0 fine; 1 internal error; 2 usage or bad input; 3 regression; 4 cannot compare; 5 a cell failed or a " +
  "metric vanished; 130 interrupted, finished cells are kept.";

/** What the script of `bench completion` asks. */
const COMPLETING = "--get-yargs-completions";
/** Words that yargs itself answers, whatever the commands are. */
const answeredByYargs = ["--help", "-h", "--version", "completion", COMPLETING];

/** A command with its flags and words, or the text (help, version, completion) that was asked for instead. */
export type Parsed =
  | { readonly command: Command; readonly given: Parameters<Command["run"]>[0] }
  | { readonly text: string };

/** Reads `words`, the command line without node and script. @throws USAGE for anything that is not plainly meant */
export async function parseArguments(words: readonly string[], table: CommandTable): Promise<Parsed> {
  const line = completed(words, table);
  const loaded = await load(line, table);
  const parsing: Parsing = { completing: line.includes(COMPLETING) };
  if (loaded && !parsing.completing) refuseGuesses(loaded, line);
  const parser = strictParser(loaded?.path ?? line[0]!);
  for (const [usage, [describe]] of Object.entries(table))
    register(parser, usage, describe, usage === loaded?.usage ? loaded.command : undefined, parsing);
  let failure: unknown;
  let output = "";
  parser.parse(line, {}, (error, _argv, text) => {
    failure = error;
    output = text;
  });
  // yargs prints its script and then finds that no command is called so
  if (failure instanceof Error && line.join() !== "completion")
    throw failure.name === "YError" ? usageError(failure.message) : failure;
  return parsing.result ?? { text: output };
}

interface Parsing {
  /** Whether a shell asks how an unfinished line may go on: then values are not read. */
  readonly completing: boolean;
  /** What the command that the line names is given. */
  result?: Parsed;
}

/** The line with what it leaves out: no words ask for help, and flags without a command are those of run. */
function completed(words: readonly string[], table: CommandTable): readonly string[] {
  const [first] = words;
  if (first === undefined || first === "help") return ["--help"];
  if (answeredByYargs.includes(first) || entryOf(first, table)) return words;
  if (first.startsWith("-")) return ["run", ...words];
  const visible = Object.entries(table).flatMap(([usage, [describe]]) => (describe ? [nameOf(usage)] : []));
  const guess = nearest(first, visible);
  const hint = guess === undefined ? `known: ${visible.join(", ")}` : `did you mean ${guess}?`;
  throw usageError(`unknown command "${first}"; ${hint}`);
}

const nameOf = (usage: string): string => usage.split(" ")[0]!;

const entryOf = <T>(name: string | undefined, table: Readonly<Record<string, T>>): [string, T] | undefined =>
  Object.entries(table).find(([usage]) => nameOf(usage) === name);

/**
 * The first command that a line names, loaded: its `usage` in the table, and what to type for the command that runs (`path`,
 * e.g. `history add`), with its flags.
 */
async function load(line: readonly string[], table: CommandTable) {
  for (const [place, word] of line.entries()) {
    const [usage, entry] = entryOf(word, table) ?? [];
    if (usage === undefined || entry === undefined) continue;
    const { default: command } = await entry[1]();
    const [inner, below] = entryOf(line[place + 1], command.commands ?? {}) ?? [];
    if (inner === undefined) return { usage, command, path: word, flags: command.flags };
    return { usage, command, path: `${word} ${nameOf(inner)}`, flags: below![1].flags };
  }
  return undefined;
}

type Loaded = NonNullable<Awaited<ReturnType<typeof load>>>;

/** Refuses unknown flags, values of switches and `--`. */
function refuseGuesses({ path, flags }: Loaded, words: readonly string[]): void {
  const known: Flags = { ...flags, ...globalFlags };
  for (const [i, word] of words.entries()) {
    if (word === "--")
      throw usageError(`${path} takes no "--"; write a name that begins with a dash as ./-NAME`);
    if (!/^-(?![\d.]|$)/.test(word)) continue; // -5 and a lone dash are values
    const [, written, inline] = /^([^=]*)(?:=(.*))?$/s.exec(word)!;
    const name = written === "-h" ? "help" : written!.replace(/^--|^-(?=.$)/, "");
    if (!Object.hasOwn(known, name)) {
      const guess = nearest(name.replace(/^-+/, ""), Object.keys(known));
      const hint = guess === undefined ? `see \`bench ${path} --help\`` : `did you mean --${guess}?`;
      throw usageError(`unknown flag ${written} of ${path}; ${hint}`);
    }
    if (known[name]!.type !== "boolean") continue;
    const value = inline ?? ["true", "false"].find((swallowed) => swallowed === words[i + 1]);
    if (value !== undefined) throw usageError(`--${name} takes no value, but was given "${value}"`);
  }
}

/** yargs without its guesses. `path` is the command that its messages name. */
function strictParser(path: string): Argv {
  const help = `see \`bench ${path} --help\``;
  const missing = {
    one: `${path} needs --%s; ${help}`,
    other: `${path} needs the flags %s; ${help}`,
  };
  const unknown = `${path} does not take "%s"; ${help}`;
  const tooFew = `${path} was given %s of the %s words that it needs; ${help}`;
  return yargs()
    .scriptName("bench")
    .parserConfiguration({
      "boolean-negation": false,
      "camel-case-expansion": false,
      "dot-notation": false,
      "parse-numbers": false,
      "parse-positional-numbers": false,
      "short-option-groups": false,
    })
    .locale("en")
    .updateStrings({
      "Not enough non-option arguments: got %s, need at least %s": { one: tooFew, other: tooFew },
      "Unknown argument: %s": { one: unknown, other: unknown },
      "Missing required argument: %s": missing,
    } as never) // a text for one and for several, which the type leaves out
    .strict()
    .exitProcess(false)
    .usage(`${summary}\n\nUsage: $0 <command> [flags]`)
    .epilogue(generalNotes)
    .usageConfiguration({ "hide-types": true })
    .wrap(WIDTH)
    .help("help", globalFlags.help.describe)
    .alias("help", "h")
    .version("version", globalFlags.version.describe, version)
    .option("debug", globalFlags.debug)
    .completion("completion", "print a script that completes commands and flags in bash or zsh");
}

/** Gives yargs a command; one that is not loaded has a place in the help alone. */
function register(
  parser: Argv,
  usage: string,
  describe: string | false,
  command: Command | undefined,
  parsing: Parsing,
): void {
  parser.command({
    command: usage,
    describe,
    builder(inner: Argv) {
      if (!command) return inner;
      for (const [name, flag] of Object.entries(command.flags))
        inner.option(name, { ...read(flag, `--${name}`, parsing), global: false }); // not of the commands below
      for (const [name, word] of Object.entries(command.positionals ?? {}))
        inner.positional(name, read(word, `<${name}>`, parsing) as object);
      for (const [usage, [describe, below]] of Object.entries(command.commands ?? {}))
        register(inner, usage, describe, below, parsing);
      return command.notes === undefined ? inner : inner.epilogue(command.notes);
    },
    handler(given) {
      if (command) parsing.result = { command, given };
    },
  });
}

/** The same option, whose errors begin with its name. */
function read({ coerce, ...option }: Options, name: string, { completing }: Parsing): Options {
  if (!coerce || completing) return option;
  const named = (given: unknown) => {
    try {
      return coerce(given);
    } catch (error) {
      throw new Error(`${name} ${messageOf(error)}`);
    }
  };
  return { ...option, coerce: named };
}
