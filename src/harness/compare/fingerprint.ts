/**
 * Whether two values may be compared, cell by cell. Quality needs the same cell configuration, metric protocol, judge and
 * precision. Timing also needs the same engine, provider, device, major version of its driver, cores, runtime and
 * major version of Node. Everything else is shown, not judged.
 */
import { differencesOf } from "../../core/differences.ts";
import { plural } from "../../core/format.ts";
import type { Snapshot, SnapshotRow } from "./snapshot.ts";

export interface Mismatch {
  /** An option's path in the suite, `the data set`, `config`, `protocol`, `direction`, `classifier`, `precision`, or a field of the machine. */
  readonly field: string;
  readonly base: string;
  readonly head: string;
}

/**
 * Matches rows of two runs. Values of cells whose configuration differs are left out, unless `allow` is true; the
 * mismatches are given in both cases.
 */
export function matcherOf(base: Snapshot, head: Snapshot, allow = false) {
  const other = otherCells(base, head);
  const sort = (run: Snapshot, { values }: SnapshotRow) => {
    if (other.size === 0) return { kept: values, left: [] };
    const idOf = ([cell]: SnapshotRow["values"][number]) => run.cells[cell]!.id;
    return {
      kept: values.filter((value) => !other.has(idOf(value))),
      left: [...new Set(values.map(idOf))].filter((id) => other.has(id)),
    };
  };
  return (baseRow: SnapshotRow, headRow: SnapshotRow) => {
    const [before, after] = [sort(base, baseRow), sort(head, headRow)];
    const leftOut = [...new Set([...before.left, ...after.left])];
    const none = before.kept.length === 0 || after.kept.length === 0;
    const mismatches = [
      ...(none && leftOut.length > 0 ? [other.get(leftOut[0]!)!].flat() : []),
      ...rowMismatches(baseRow, headRow),
      ...runMismatches(base, head, headRow.class),
    ];
    return {
      base: allow ? baseRow.values : before.kept,
      head: allow ? headRow.values : after.kept,
      /** Why no value compares; empty where some do. */
      mismatches,
      /** Cells whose values were left out because their configuration differs. */
      leftOut,
    };
  };
}

export type Match = ReturnType<typeof matcherOf>;

function rowMismatches(base: SnapshotRow, head: SnapshotRow): Mismatch[] {
  const fields = ["protocol", "direction", "classifier"] as const;
  return fields.flatMap((field) => difference(field, base[field], head[field]));
}

/** Mismatches of the runs, for all rows of one class. */
export function runMismatches(base: Snapshot, head: Snapshot, of: SnapshotRow["class"]): Mismatch[] {
  const precision = difference("precision", base.precision, head.precision);
  if (of === "quality") return precision;
  const fields = [...new Set([...Object.keys(base.machine), ...Object.keys(head.machine)])];
  return [
    ...precision,
    ...fields.flatMap((field) => difference(field, base.machine[field], head.machine[field])),
  ];
}

const difference = (field: string, base: string | undefined, head: string | undefined): Mismatch[] =>
  base === head ? [] : [{ field, base: base ?? "none", head: head ?? "none" }];

/**
 * Cells whose configuration differs, each with its mismatch. A cell that only one run has (another seed, one process more)
 * compares where the settings of the runs are equal except for seeds. So does a cell that covers another first seed.
 */
function otherCells(base: Snapshot, head: Snapshot): Map<string, Mismatch[]> {
  const sameSettings = base.settings === head.settings;
  const named = sameSettings ? [] : namedDifferences(base, head);
  const before = new Map(base.cells.map((cell) => [cell.id, cell.configHash]));
  const after = new Map(head.cells.map((cell) => [cell.id, cell.configHash]));
  const different = new Map<string, Mismatch[]>();
  for (const id of new Set([...before.keys(), ...after.keys()])) {
    const [from, to] = [before.get(id), after.get(id)];
    if (from === to) continue;
    const bySeedAlone =
      sameSettings && (from === undefined || to === undefined || firstSeedOnly(id, base, head));
    const hashes = {
      field: "config",
      base: from?.slice(0, 12) ?? base.settings.slice(0, 12),
      head: to?.slice(0, 12) ?? head.settings.slice(0, 12),
    };
    if (!bySeedAlone) different.set(id, named.length > 0 ? named : [hashes]);
  }
  return different;
}

/** Options that are named at once; a suite that differs in more is another suite. */
const MOST_NAMED = 6;

/** What differs in the suites, option by option; that the data do, where the suites do not. */
function namedDifferences(base: Snapshot, head: Snapshot): Mismatch[] {
  if (!base.config || !head.config) return [];
  const found = differencesOf(base.config, head.config);
  const named = found
    .slice(0, MOST_NAMED)
    .map(({ path, before, after }) => ({ field: path, base: before, head: after }));
  const more = found.length - named.length;
  const rest = {
    field: `the suite, in ${plural(more, "further option")},`,
    base: "another",
    head: "this one",
  };
  if (found.length === 0)
    return [{ field: "the data set", base: "another", head: "this one, by its sha256" }];
  return more > 0 ? [...named, rest] : named;
}

/** True for a cell of several seeds where the runs begin at different seeds. */
const firstSeedOnly = (id: string, base: Snapshot, head: Snapshot): boolean =>
  base.seed !== head.seed && !/seed-/.test(id);
