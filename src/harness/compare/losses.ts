/** What the head lacks: cells that failed, and cells and values that only the baseline has. */
import type { Loss } from "./result.ts";
import type { Snapshot } from "./snapshot.ts";

/** Failed cells of the head, cells that only the baseline finished, metrics that became undefined for one unit. */
export function lossesOf(base: Snapshot, head: Snapshot, wanted: (key: string) => boolean): Loss[] {
  const finished = new Set(base.cells.filter(({ state }) => state === "done").map(({ id }) => id));
  const cells = head.cells.flatMap(({ id, state, why }): Loss[] =>
    state === "failed" || (state !== "done" && finished.has(id))
      ? [{ what: `cell ${id}`, state: state as "failed", why: why ?? "the run did not finish it" }]
      : [],
  );
  const rows = new Map(base.rows.map((row) => [row.key, row]));
  const values = head.missing.flatMap(({ key, unit, why }): Loss[] =>
    wanted(key) && rows.get(key)?.values.some(([, other]) => other === unit)
      ? [{ what: `${key}, ${unit}`, state: "undefined", why }]
      : [],
  );
  return [...cells, ...values];
}

/** Why the head has no value of a reading that the baseline has. */
export function whyGone(key: string, base: Snapshot, head: Snapshot): string {
  const undefinedNow = head.missing.find((entry) => entry.key === key);
  if (undefinedNow) return undefinedNow.why;
  const row = base.rows.find((row) => row.key === key);
  const ids = new Set(row?.values.map(([cell]) => base.cells[cell]!.id));
  const cells = head.cells.filter(({ id }) => ids.has(id));
  const unfinished = cells.find(({ state }) => state !== "done");
  if (unfinished)
    return `${unfinished.id} is ${unfinished.state}${unfinished.why ? `: ${unfinished.why}` : ""}`;
  return cells.length > 0 ? "its cells are done, but no longer record it" : "no cell of the run measures it";
}
