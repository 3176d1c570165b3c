/**
 * Flags as data and their strict reading. yargs only splits the command line; what it would let through is refused
 * here: unknown and repeated flags, missing values, values on switches, numbers that are none.
 */
import { BenchError } from "../../core/errors.ts";
import { knownWords, nearest } from "../suite/suggest.ts";

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
  const { _, $0, ...given } = await split(words, flags);
  for (const name of Object.keys(given))
    if (!Object.hasOwn(flags, name)) throw unknownFlag(command, name, flags);
  refuseSwitchValues(words, flags);
  const values = Object.fromEntries(
    Object.entries(flags).map(([name, flag]) => [name, readFlag(name, flag, given[name])]),
  );
  const places = _.map(String);
  if (!values.help) checkPositionals(command, places, positionals);
  return { flags: values as FlagValues<F & typeof globalFlags>, positionals: places };
}

async function split(words: readonly string[], flags: Flags) {
  const { default: yargs } = await import("yargs"); // help does without it
  return yargs([...words])
    .options(
      Object.fromEntries(
        Object.entries(flags).map(([name, flag]) => [
          name,
          flag.kind === "switch" ? { boolean: true } : { string: true, array: flag.kind === "list" },
        ]),
      ),
    )
    .parserConfiguration({
      "boolean-negation": false,
      "camel-case-expansion": false,
      "dot-notation": false,
      "greedy-arrays": false,
      "parse-numbers": false,
      "parse-positional-numbers": false,
      "short-option-groups": false,
    })
    .help(false)
    .version(false)
    .exitProcess(false)
    .fail(false)
    .parseSync();
}

function unknownFlag(command: string, name: string, flags: Flags): BenchError {
  const guess = nearest(name, Object.keys(flags));
  const hint = guess === undefined ? `see \`bench ${command} --help\`` : `did you mean --${guess}?`;
  return new BenchError(
    "USAGE",
    `unknown flag ${name.length === 1 ? "-" : "--"}${name} of ${command}; ${hint}`,
  );
}

/** yargs reads `--json=abc` as `--json=false`. */
function refuseSwitchValues(words: readonly string[], flags: Flags): void {
  for (const word of words) {
    if (word === "--") return;
    const [, name, value] = /^--([^=]+)=(.*)$/s.exec(word) ?? [];
    if (name !== undefined && flags[name]?.kind === "switch")
      throw new BenchError("USAGE", `--${name} takes no value, but was given "${value}"`);
  }
}

function readFlag(name: string, flag: Flag, given: unknown): unknown {
  if (flag.kind === "switch") return given === true;
  const values = given === undefined ? [] : Array.isArray(given) ? given.map(String) : [String(given)];
  if (given !== undefined && values.length === 0) throw needsValue(name, flag.value);
  const parse = (value: string) => {
    if (value !== "") return flag.parse(value, name);
    if (flag.kind === "value" && flag.bare !== undefined) return flag.parse(flag.bare, name);
    throw needsValue(name, flag.value);
  };
  if (flag.kind === "list") return values.map(parse);
  if (values.length > 1)
    throw new BenchError(
      "USAGE",
      `--${name} was given ${values.length} times: ${values.join(", ")}; give it once`,
    );
  return values.length === 0 ? undefined : parse(values[0]!);
}

const needsValue = (name: string, value: string) =>
  new BenchError("USAGE", `--${name} needs a value: --${name} ${value}`);

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
