/** Where two trees of plain data differ. */
import { canonicalJson } from "./hash.ts";

export interface Difference {
  /** As `models.dcgan.images`. */
  readonly path: string;
  /** As JSON, or `absent`. */
  readonly before: string;
  readonly after: string;
}

/** One for every leaf that differs; a list is a leaf. */
export function differencesOf(before: unknown, after: unknown, path = ""): Difference[] {
  if (isTree(before) && isTree(after))
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) =>
      differencesOf(before[key], after[key], path === "" ? key : `${path}.${key}`),
    );
  const [from, to] = [textOf(before), textOf(after)];
  return from === to ? [] : [{ path, before: from, after: to }];
}

const textOf = (value: unknown): string => (value === undefined ? "absent" : canonicalJson(value));

const isTree = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** `PATH was BEFORE and is AFTER`. */
export const differenceText = ({ path, before, after }: Difference): string =>
  `${path} was ${before} and is ${after}`;
