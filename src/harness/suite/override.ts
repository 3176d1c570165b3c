/** `--set models.ddpm.images=5000`: one option of a suite, replaced before the suite is validated. */
import { parseDocument } from "yaml";
import { BenchError } from "../../core/errors.ts";
import { knownWords } from "./suggest.ts";

export interface Override {
  readonly path: readonly string[];
  /** null removes the option. */
  readonly value: unknown;
}

type Tree = Record<string, unknown>;

const isTree = (value: unknown): value is Tree => typeof value === "object" && value !== null;

/** `key=value` with a dotted key and a YAML value. @throws USAGE */
export function parseOverride(text: string): Override {
  const equals = text.indexOf("=");
  const path = text.slice(0, Math.max(equals, 0)).split(".");
  if (path.some((segment) => segment === ""))
    throw new BenchError("USAGE", `--set takes key=value, e.g. models.ddpm.images=5000, not "${text}"`);
  const document = parseDocument(text.slice(equals + 1), { prettyErrors: false });
  if (document.errors[0])
    throw new BenchError("USAGE", `--set ${text}: the value is not YAML: ${document.errors[0].message}`);
  return { path, value: document.toJS() };
}

/**
 * A copy of `suite` with the option replaced. Options that the suite leaves out may be set; whether they exist is for
 * validation to say, but a model or a place in a list must be there. @throws BAD_CONFIG
 */
export function override(suite: unknown, { path, value }: Override): unknown {
  const copy: unknown = structuredClone(suite);
  let at = copy;
  path.slice(0, -1).forEach((segment, depth) => {
    const parent = treeAt(at, path, depth);
    checkMember(parent, path, depth);
    parent[segment] ??= {};
    at = parent[segment];
  });
  const parent = treeAt(at, path, path.length - 1);
  checkMember(parent, path, path.length - 1);
  const last = path.at(-1)!;
  if (value !== null) parent[last] = value;
  else if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else delete parent[last];
  return copy;
}

function treeAt(value: unknown, path: readonly string[], depth: number): Tree {
  if (isTree(value)) return value;
  const place = path.slice(0, depth).join(".") || "the suite";
  throw new BenchError("BAD_CONFIG", `--set ${path.join(".")}: ${place} has no options of its own`);
}

function checkMember(parent: Tree, path: readonly string[], depth: number): void {
  const segment = path[depth]!;
  const closed = Array.isArray(parent) || (depth === 1 && path[0] === "models");
  if (!closed || Object.hasOwn(parent, segment)) return;
  const place = path.slice(0, depth).join(".");
  throw new BenchError(
    "BAD_CONFIG",
    `--set ${path.join(".")}: no "${segment}" in ${place}${knownWords(segment, Object.keys(parent))}`,
  );
}
