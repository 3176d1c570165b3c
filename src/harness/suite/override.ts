/** Changes to a suite before it is validated: `--set models.ddpm.images=5000`, and the budgets that calibration found. */
import { parseDocument } from "yaml";
import { badConfig, usageError } from "../../core/errors.ts";
import { knownWords } from "../../core/suggest.ts";
import { written } from "./written.ts";
import { readYaml } from "./yaml.ts";

export interface Override {
  readonly path: readonly string[];
  /** null removes the option. */
  readonly value: unknown;
}

/** `key=value` with a dotted key and a YAML value. @throws USAGE */
export function parseOverride(text: string): Override {
  const equals = text.indexOf("=");
  const path = text.slice(0, Math.max(equals, 0)).split(".");
  if (path.some((segment) => segment === ""))
    throw usageError(`--set takes key=value, e.g. models.ddpm.images=5000, not "${text}"`);
  const { value } = readYaml(text.slice(equals + 1), {
    refuse: (problem, _at, cause) => usageError(`--set ${text}: the value is not YAML: ${problem}`, cause),
  });
  return { path, value };
}

/**
 * A copy of `suite` with the option replaced. Options that the suite leaves out may be set, and validation decides
 * whether they exist; a model or an item of a list must be there. @throws BAD_CONFIG
 */
export function override(suite: unknown, { path, value }: Override, depth = 0): unknown {
  const refuse = (why: string) => badConfig(`--set ${path.join(".")}: ${why}`);
  const place = path.slice(0, depth).join(".") || "the suite";
  const key = path[depth];
  if (key === undefined) return value;
  if (typeof suite !== "object" || suite === null) throw refuse(`${place} has no options of its own`);
  const present = Object.hasOwn(suite, key);
  const closed = Array.isArray(suite) || (depth === 1 && path[0] === "models");
  if (closed && !present) throw refuse(`no "${key}" in ${place}${knownWords(key, Object.keys(suite))}`);
  const last = depth === path.length - 1;
  const inner = present ? Reflect.get(suite, key) : {};
  const replaced = last ? value : override(inner, { path, value }, depth + 1);
  if (Array.isArray(suite))
    return replaced === null ? suite.toSpliced(Number(key), 1) : suite.with(Number(key), replaced);
  const { [key]: _, ...others } = suite as Record<string, unknown>;
  return last && value === null ? others : { ...suite, [key]: replaced };
}

/** `text`, a suite file, with `images` of each model named. Everything else in it, comments too, stays as it is. */
export function withBudgets(text: string, images: Readonly<Record<string, number>>): string {
  const document = parseDocument(text);
  for (const [model, count] of Object.entries(images)) document.setIn(["models", model, "images"], count);
  return written(document);
}

/** What stands at a path of options; undefined where nothing does. */
export function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce(
    (at: unknown, key) =>
      typeof at === "object" && at !== null && Object.hasOwn(at, key) ? Reflect.get(at, key) : undefined,
    value,
  );
}
