/** Places of a suite's options in its file, for messages. */
import { type Document, isAlias, isMap, isScalar, isSeq, type LineCounter, type Node } from "yaml";
import { asOneError, BenchError, Mistakes } from "../../core/errors.ts";
import type { Override } from "./override.ts";

type Path = readonly PropertyKey[];

export interface Origin {
  /** Name of the suite, for messages without a place. */
  readonly name: string;
  /** `file:line:column` of the longest part of `path` that is in the file; undefined where an override decides. */
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

/** Whether an option at `path` is replaced by a change at `changed`, wholly or in part. */
export const meets = (path: Path, changed: readonly string[]): boolean =>
  path.every((segment, i) => i >= changed.length || String(segment) === changed[i]);

/** The same places without those of options that overrides replace, wholly or in part: the file is not at fault there. */
export function withoutOverridden(origin: Origin, overrides: readonly Override[]): Origin {
  return {
    name: origin.name,
    at: (path) => (overrides.some((change) => meets(path, change.path)) ? undefined : origin.at(path)),
  };
}

/** Offset of the key or item at `path`, or of the last one on the way there that exists. */
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

/** The error with its place in the file before its message; the error itself where it has none. */
export const placed = (error: BenchError, place: string | undefined): BenchError =>
  place === undefined ? error : new BenchError(error.code, `${place}: ${error.message}`, { cause: error });

/**
 * An error of the data or of a model that names an option, e.g. `stages.data.sizes asks for …`, with the option's place in
 * the file; any other error unchanged.
 */
export function located(error: unknown, origin: Origin): unknown {
  if (error instanceof Mistakes)
    return asOneError(error.mistakes.map((one) => located(one, origin) as BenchError));
  if (!(error instanceof BenchError) || error.code !== "BAD_CONFIG") return error;
  const [option] =
    /\b(?:dataset|models|classifier|stages|price|tune)(?:\.[A-Za-z0-9-]+)+/.exec(error.message) ?? [];
  return option === undefined ? error : placed(error, origin.at(option.split(".")));
}
