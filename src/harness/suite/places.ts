/** Where the options of a suite stand in its file, so that a message can say it. */
import { type Document, isAlias, isMap, isScalar, isSeq, type LineCounter, type Node } from "yaml";
import { BenchError } from "../../core/errors.ts";
import type { Override } from "./override.ts";

type Path = readonly PropertyKey[];

export interface Origin {
  /** The suite in messages that concern no place of a file. */
  readonly name: string;
  /** `file:line:column` of what of `path` is in the file; undefined where another place has the last word. */
  at(path: Path): string | undefined;
}

export const nowhere = (name: string): Origin => ({ name, at: () => undefined });

/** Places in a parsed file that is shown as `file`. */
export function placesIn(document: Document.Parsed, lines: LineCounter, file: string, name: string): Origin {
  return {
    name,
    at(path) {
      const offset = deepest(document, path);
      if (offset === undefined) return undefined;
      const { line, col } = lines.linePos(offset);
      return `${file}:${line}:${col}`;
    },
  };
}

/** The same places, without those of what the overrides replace, wholly or in part: that is not the file's fault. */
export function withoutOverridden(origin: Origin, overrides: readonly Override[]): Origin {
  const meet = (path: Path, changed: readonly string[]) =>
    path.every((segment, i) => i >= changed.length || String(segment) === changed[i]);
  return {
    name: origin.name,
    at: (path) => (overrides.some((change) => meet(path, change.path)) ? undefined : origin.at(path)),
  };
}

/** Offset of the key, or item, that the path leads to, or of the last one on the way that exists. */
function deepest(document: Document.Parsed, path: Path): number | undefined {
  let at: Node | null | undefined = document.contents;
  let offset: number | undefined;
  for (const segment of path) {
    if (isAlias(at)) at = at.resolve(document);
    if (isMap(at)) {
      const pair = at.items.find(({ key }) => String(isScalar(key) ? key.value : key) === String(segment));
      if (!pair) break;
      offset = (pair.key as Node).range?.[0] ?? offset;
      at = pair.value as Node | null;
    } else if (isSeq(at)) {
      const item = at.items[Number(segment)] as Node | undefined;
      if (!item) break;
      offset = item.range?.[0] ?? offset;
      at = item;
    } else break;
  }
  return offset;
}

/**
 * The error with its place in the file, where its message names an option, e.g. `stages.data.sizes asks for …`: what the
 * data or a model refuses is as much the file's as what validation refuses.
 */
export function located(error: unknown, origin: Origin): unknown {
  if (!(error instanceof BenchError) || error.code !== "BAD_CONFIG") return error;
  const [option] =
    /\b(?:dataset|models|classifier|stages|price)(?:\.[A-Za-z0-9-]+)+/.exec(error.message) ?? [];
  const place = option === undefined ? undefined : origin.at(option.split("."));
  if (place === undefined) return error;
  return new BenchError(error.code, `${place}: ${error.message}`, { cause: error });
}
