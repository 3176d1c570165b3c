/**
 * Flags as data and their strict reading, by yargs: unknown and repeated flags, missing values, values on switches and
 * numbers that are none are refused, because a parser that guesses runs an experiment that nobody asked for.
 */
import { BenchError } from "../../core/errors.ts";
import { knownWords, nearest } from "../../core/suggest.ts";

/** A flag without a value. */
export interface Switch {
  readonly kind: "switch";
  readonly describe: string;
}

/** A flag with one value; `bare` is what it means without one. */
export interface Valued<T> {
  readonly kind: "value";
  readonly describe: string;
  /** The value's name in the help, e.g. `DIR`. */
  readonly value: string;
  readonly bare?: string;
  readonly parse: (text: string, flag: string) => T;
}

/** A flag that may be given several times, its values in that order. */
export interface Repeated<T> extends Omit<Valued<T>, "kind" | "bare"> {
  readonly kind: "list";
}

export type Flag = Switch | Valued<unknown> | Repeated<unknown>;
export type Flags = Readonly<Record<string, Flag>>;

type ValueOf<F> = F extends Switch
  ? boolean
  : F extends Valued<infer T>
    ? T | undefined
    : F extends Repeated<infer T>
      ? readonly T[]
      : never;

export type FlagValues<F extends Flags> = { readonly [K in keyof F]: ValueOf<F[K]> };

/** What stands without a flag after the command, e.g. RUN… */
export interface Positionals {
  /** As the help shows it, e.g. `RUN...`. */
  readonly usage: string;
  readonly describe: string;
  readonly least: number;
  readonly most: number;
}

export interface Arguments<F extends Flags> {
  readonly flags: FlagValues<F>;
  readonly positionals: readonly string[];
}

export const globalFlags = {
  help: { kind: "switch", describe: "show this help" },
  debug: { kind: "switch", describe: "show the stack of an error" },
} as const satisfies Flags;

export const text = (value: string): string => value;

export function wholeNumber(value: string, flag: string): number {
  const number = Number(value);
  if (!/^[+-]?\d+$/.test(value) || !Number.isSafeInteger(number))
    throw new BenchError("USAGE", `--${flag} takes a whole number, not "${value}"`);
  return number;
}

export function positiveNumber(value: string, flag: string): number {
  const number = wholeNumber(value, flag);
  if (number < 1)
    throw new BenchError("USAGE", `--${flag} takes a whole number of at least 1, not "${value}"`);
  return number;
}

const units: Readonly<Record<string, number>> = { "": 1, s: 1, m: 60, h: 3600 };

/** Seconds of `45`, `45s`, `30m` or `2h`. */
export function duration(value: string, flag: string): number {
  const [, count, unit] = /^(\d+(?:\.\d+)?)([smh]?)$/.exec(value) ?? [];
  if (count === undefined || unit === undefined)
    throw new BenchError("USAGE", `--${flag} takes a time such as 45, 45s, 30m or 2h, not "${value}"`);
  return Number(count) * units[unit]!;
}

/** `i/n`, the i-th of n parts. */
export function part(value: string, flag: string): { index: number; count: number } {
  const [, index, count] = /^(\d{1,6})\/(\d{1,6})$/.exec(value)?.map(Number) ?? [];
  if (index === undefined || count === undefined || index < 1 || index > count)
    throw new BenchError("USAGE", `--${flag} takes i/n with i from 1 to n, e.g. 1/3, not "${value}"`);
  return { index, count };
}

export function oneOf<const T extends string>(values: readonly T[]): (value: string, flag: string) => T {
  return (value, flag) => {
    const found = values.find((candidate) => candidate === value);
    if (found === undefined)
      throw new BenchError("USAGE", `--${flag} cannot be "${value}"${knownWords(value, values)}`);
    return found;
  };
}

/** Reads what follows the command. @throws USAGE for anything that is not plainly meant. */
export async function parseArguments<F extends Flags>(
  command: string,
  words: readonly string[],
  specification: F,
  positionals: Positionals | undefined,
): Promise<Arguments<F & typeof globalFlags>> {
  const flags: Flags = { ...specification, ...globalFlags };
  refuseWhatYargsGuesses(command, words, flags);
  const { given, places } = await split(words, flags);
  const values = Object.fromEntries(
    Object.entries(flags).map(([name, flag]) => [name, readFlag(name, flag, given.get(name) ?? [])]),
  );
  if (!values.help) checkPositionals(command, places, positionals);
  return { flags: values as FlagValues<F & typeof globalFlags>, positionals: places };
}

/** Words up to `--`, where only positionals follow. */
const beforeDashes = (words: readonly string[]) =>
  words.includes("--") ? words.slice(0, words.indexOf("--")) : words;

/**
 * yargs 18 crashes on --constructor, takes the word behind a switch if it is `true`, reads --json=abc as false and takes
 * -seed for five flags: all of that is refused before it sees it.
 */
function refuseWhatYargsGuesses(command: string, words: readonly string[], flags: Flags): void {
  for (const [i, word] of beforeDashes(words).entries()) {
    if (!isFlag(word)) continue;
    const [, written, inline] = /^([^=]*)(?:=(.*))?$/s.exec(word)!;
    const name = written === "-h" ? "help" : written!.replace(/^--/, "");
    const flag = Object.hasOwn(flags, name) ? flags[name] : undefined;
    if (!flag) throw unknownFlag(command, written!, flags);
    if (flag.kind !== "switch") continue;
    const next = words[i + 1];
    const value = inline ?? (next === "true" || next === "false" ? next : undefined);
    if (value !== undefined)
      throw new BenchError("USAGE", `--${name} takes no value, but was given "${value}"`);
  }
}

/** What each flag was given, in order, "" where it has no value; and the words that belong to no flag. */
async function split(words: readonly string[], flags: Flags) {
  const { default: yargs } = await import("yargs");
  const parsed = yargs([...words])
    .help(false)
    .version(false)
    .exitProcess(false)
    .fail((message, error) => {
      throw error ?? new BenchError("USAGE", message);
    })
    .parserConfiguration({
      "boolean-negation": false,
      "camel-case-expansion": false,
      "dot-notation": false,
      "parse-numbers": false,
      "parse-positional-numbers": false,
    })
    .alias("help", "h")
    .options(
      Object.fromEntries(
        Object.entries(flags).map(([name, { kind, describe }]) => [
          name,
          { type: kind === "switch" ? ("boolean" as const) : ("string" as const), describe },
        ]),
      ),
    )
    .parseSync();
  const given = new Map<string, string[]>();
  for (const [name, { kind }] of Object.entries(flags)) {
    const value = parsed[name];
    if (kind === "switch" ? value === true : value !== undefined)
      given.set(name, kind === "switch" ? [""] : ([value].flat() as string[]));
  }
  return { given, places: parsed._.map(String) };
}

/** A dash with something behind it that is no number: `-5` is a value. */
const isFlag = (word: string): boolean => /^-(?![\d.]|$)/.test(word);

function unknownFlag(command: string, written: string, flags: Flags): BenchError {
  const guess = nearest(written.replace(/^-+/, ""), Object.keys(flags));
  const hint = guess === undefined ? `see \`bench ${command} --help\`` : `did you mean --${guess}?`;
  return new BenchError("USAGE", `unknown flag ${written} of ${command}; ${hint}`);
}

function readFlag(name: string, flag: Flag, given: readonly string[]): unknown {
  if (flag.kind === "switch") return given.length > 0;
  const values = given.map((text) => {
    if (text !== "") return flag.parse(text, name);
    if (flag.kind === "value" && flag.bare !== undefined) return flag.parse(flag.bare, name);
    throw new BenchError("USAGE", `--${name} needs a value: --${name} ${flag.value}`);
  });
  if (flag.kind === "list") return values;
  if (values.length > 1)
    throw new BenchError(
      "USAGE",
      `--${name} was given ${given.length} times: ${given.join(", ")}; give it once`,
    );
  return values[0];
}

function checkPositionals(command: string, given: readonly string[], wanted: Positionals | undefined): void {
  const { least, most, usage } = wanted ?? { least: 0, most: 0, usage: "" };
  if (given.length > most)
    throw new BenchError(
      "USAGE",
      `${command} does not take "${given[most]}"${usage === "" ? "" : `; usage: bench ${command} ${usage}`}`,
    );
  if (given.length < least)
    throw new BenchError("USAGE", `${command} needs ${usage}; see \`bench ${command} --help\``);
}
