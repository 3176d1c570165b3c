/** Specs such as `mnist` or `idx:DIR`, by which the user chooses an entry of a registry. */
import { usageError } from "./errors.ts";
import { knownWords } from "./suggest.ts";

/** What may follow the name of an entry. */
export interface SpecEntry {
  /** Text that stands for the argument in help, e.g. `DIR`; absent where the entry takes none. */
  readonly argument?: string;
  /** Whether the name alone will do, too. */
  readonly optional?: boolean;
}

export interface Spec<Name extends string> {
  readonly name: Name;
  /** What follows the first colon. */
  readonly argument?: string;
}

/**
 * `name:argument` as an entry of `registry`, which messages call `what`. @throws USAGE for an unknown name, and for an
 * argument that is missing or not taken
 */
export function parseSpec<Name extends string>(
  spec: string,
  registry: Readonly<Record<Name, SpecEntry>>,
  what: string,
): Spec<Name> {
  const colon = spec.indexOf(":");
  const name = (colon < 0 ? spec : spec.slice(0, colon)) as Name;
  if (!Object.hasOwn(registry, name)) {
    const known = knownWords(name, Object.keys(registry), forms(registry));
    throw usageError(`unknown ${what} "${name}"${known}`);
  }
  const { argument: takes, optional } = registry[name];
  if (colon < 0) {
    if (takes && !optional) throw usageError(`${what} ${name} needs ${takes}: ${name}:${takes}`);
    return { name };
  }
  const argument = spec.slice(colon + 1);
  if (!takes) throw usageError(`${what} ${name} takes nothing after a colon, but "${spec}" was given`);
  if (!argument) throw usageError(`${what} ${name} needs ${takes}: ${name}:${takes}`);
  return { name, argument };
}

/** How each entry may be written. */
const forms = (registry: Readonly<Record<string, SpecEntry>>): string[] =>
  Object.entries(registry).flatMap(([name, { argument, optional }]) => [
    ...(optional || !argument ? [name] : []),
    ...(argument ? [`${name}:${argument}`] : []),
  ]);
