/** The problems of a configuration in one message, which names each place and the options known there. */
import * as z from "zod";
import { asOneError, type BenchError, badConfig } from "../../core/errors.ts";
import { knownWords } from "../../core/suggest.ts";
import type { Origin } from "./places.ts";

type Path = readonly PropertyKey[];

/** Most problems of one kind that an error names: who mends these sees the next. */
const MOST_PROBLEMS = 20;

/**
 * `value`, validated and with its defaults. `at` is its path in the suite, for messages.
 * @throws BAD_CONFIG naming every wrong option and its place in the suite's file
 */
export function parseOptions<T extends z.ZodType>(
  schema: T,
  value: unknown,
  origin: Origin,
  at: readonly string[] = [],
): z.infer<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.slice(0, MOST_PROBLEMS).flatMap((issue) => {
    const path = [...at, ...issue.path];
    const where = path.map(String).join(".");
    return issue.code === "unrecognized_keys"
      ? issue.keys.slice(0, MOST_PROBLEMS).map((key) => ({
          path: [...path, key],
          message: unknownOption(key, where, optionsAt(schema, issue.path, value)),
        }))
      : [{ path, message: describe(issue, where || "the suite") }];
  });
  throw badOptions(problems, origin, parsed.error);
}

/** One error for all problems, each after its place in the file or after the suite's name. */
export function badOptions(
  problems: readonly { readonly path: Path; readonly message: string }[],
  origin: Origin,
  cause?: unknown,
): BenchError {
  return asOneError(
    problems.map(({ path, message }) => badConfig(`${origin.at(path) ?? origin.name}: ${message}`, cause)),
  );
}

const unknownOption = (key: string, where: string, known: readonly string[]): string =>
  `unknown option "${key}"${where === "" ? "" : ` in ${where}`}${knownWords(key, known)}`;

function describe(issue: z.core.$ZodIssue, where: string): string {
  if (issue.code === "invalid_key") return `${where}: ${issue.issues[0]?.message ?? issue.message}`;
  const message = issue.message.replace(/^Invalid input: /, "");
  return message.endsWith("received undefined") ? `${where} is missing` : `${where}: ${message}`;
}

/** Names that the schema knows at `path`; `value` decides between the members of a discriminated union. */
function optionsAt(schema: unknown, path: Path, value: unknown): string[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return optionsAt(schema.unwrap(), path, value);
  if (schema instanceof z.ZodDiscriminatedUnion) {
    const { discriminator } = schema.def;
    const chosen = schema.options.find(
      (option) =>
        option instanceof z.ZodObject &&
        option.shape[discriminator]?.safeParse(member(value, discriminator)).success,
    );
    return optionsAt(chosen, path, value);
  }
  const [key, ...rest] = path;
  if (schema instanceof z.ZodObject)
    return key === undefined
      ? Object.keys(schema.shape)
      : optionsAt(schema.shape[key as string], rest, member(value, key));
  if (key === undefined) return [];
  if (schema instanceof z.ZodRecord) return optionsAt(schema.valueType, rest, member(value, key));
  if (schema instanceof z.ZodArray) return optionsAt(schema.element, rest, member(value, key));
  return [];
}

const member = (value: unknown, key: PropertyKey): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
