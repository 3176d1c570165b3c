/** Flags and positional words as yargs takes them, and how their text is read. */
import type { InferredOptionTypes, Options } from "yargs";
import { knownWords } from "../../core/suggest.ts";

export type Flags = Readonly<Record<string, Options>>;
export type FlagValues<F extends Flags> = InferredOptionTypes<F>;

/** Reads one value. What it throws is read after the name of the flag: `takes a whole number, not "x"`. */
type Read<T> = (text: string) => T;

/** A flag without a value. */
export const toggle = (describe: string) => ({ type: "boolean", default: false, describe }) as const;

/** A flag with one value, called `name` in the help. `bare` is the text that the flag without a value stands for. */
export const value = <T>(name: string, describe: string, read: Read<T>, bare = "") =>
  ({
    type: "string",
    describe: `${name}: ${describe}`,
    coerce: (given: string | string[]): T => read(oneText(given, name, bare)),
  }) as const;

/** A flag with one of these values. */
export const choice = <const T extends string>(choices: readonly T[], describe: string) => ({
  ...value(choices.join("|"), describe, oneOf(choices)),
  choices,
});

/** A flag that may be given several times; its values in that order. */
export const repeated = <T>(name: string, describe: string, read: Read<T>) =>
  ({
    type: "string",
    describe: `${name}: ${describe}; repeatable`,
    coerce: (given: string | string[]): T[] => [given].flat().map((one) => read(oneText(one, name, ""))),
  }) as const;

/** The flag, which a command cannot do without. */
export const required = <F extends Options>(flag: F) => ({ ...flag, demandOption: true }) as const;

/** One word after the command. */
export const word = (describe: string) => ({ type: "string", demandOption: true, describe }) as const;

/** One of these words after the command. */
export const wordOf = <const T extends string>(choices: readonly T[], describe: string) =>
  ({ ...word(describe), choices, coerce: oneOf(choices) }) as const;

/** At least one word after the command. */
export const words = (describe: string) => ({ ...word(describe), array: true }) as const;

function oneText(given: string | string[], name: string, bare: string): string {
  if (Array.isArray(given))
    throw new Error(`was given ${given.length} times: ${given.join(", ")}; give it once`);
  const text = given === "" ? bare : given;
  if (text === "") throw new Error(`needs a value: ${name}`);
  return text;
}

export const text: Read<string> = (given) => given;

export function wholeNumber(given: string): number {
  const number = Number(given);
  if (!/^[+-]?\d+$/.test(given) || !Number.isSafeInteger(number))
    throw new Error(`takes a whole number, not "${given}"`);
  return number;
}

export function positiveNumber(given: string): number {
  const number = wholeNumber(given);
  if (number < 1) throw new Error(`takes a whole number of at least 1, not "${given}"`);
  return number;
}

/** A whole number from 1 to `most`: what would ask for a billion of something is refused before memory is taken. */
export const upTo =
  (most: number): Read<number> =>
  (given) => {
    const number = positiveNumber(given);
    if (number > most) throw new Error(`takes a whole number from 1 to ${most}, not "${given}"`);
    return number;
  };

const units: Readonly<Record<string, number>> = { "": 1, s: 1, m: 60, h: 3600 };

/** Seconds of `45`, `45s`, `30m` or `2h`. */
export function duration(given: string): number {
  const [, count, unit] = /^(\d+(?:\.\d+)?)([smh]?)$/.exec(given) ?? [];
  if (count === undefined || unit === undefined)
    throw new Error(`takes a time such as 45, 45s, 30m or 2h, not "${given}"`);
  return Number(count) * units[unit]!;
}

export const oneOf =
  <const T extends string>(choices: readonly T[]): Read<T> =>
  (given) => {
    const chosen = choices.find((candidate) => candidate === given);
    if (chosen === undefined) throw new Error(`cannot be "${given}"${knownWords(given, choices)}`);
    return chosen;
  };

/** Several values in one, separated by commas. */
export const commaSeparated =
  <T>(read: Read<T>): Read<T[]> =>
  (given) =>
    given.split(",").map((one) => read(one.trim()));
