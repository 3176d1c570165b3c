/** A run reduced to what is compared: its readings, its cells' hashes, what it ran on. Also what a history keeps of it. */
import * as z from "zod";
import { hashOf } from "../../core/hash.ts";
import { type Cell, changeSchema, placeOf, type Run, type RunRecords } from "../record/index.ts";
import { tables } from "../stages/readout/index.ts";
import { readingsOf, viewOf } from "../tables/index.ts";

const finite = z.number();
const hash = z.string().regex(/^[0-9a-f]{64}$/);
const shortHash = z.string().regex(/^[0-9a-f]{16}$/);

/** Cell (its place in `cells`), unit and value. */
type UnitValue = [cell: number, unit: string, value: number];

/** By hand: a history holds hundreds of thousands of them, and a schema would copy each. */
const isUnitValue = (entry: unknown): entry is UnitValue =>
  Array.isArray(entry) &&
  entry.length === 3 &&
  Number.isSafeInteger(entry[0]) &&
  entry[0] >= 0 &&
  typeof entry[1] === "string" &&
  Number.isFinite(entry[2]);

const rowSchema = z.strictObject({
  key: z.string().min(1),
  metric: z.string().min(1),
  class: z.enum(["quality", "timing"]),
  direction: z.enum(["lower", "higher", "two-sided"]),
  protocol: z.string(),
  classifier: shortHash.optional(),
  target: finite.optional(),
  /** How much of a change matters; in old histories the code of the day knew it. */
  change: changeSchema.optional(),
  unitKind: z.enum(["seed", "process", "run"]),
  values: z.custom<UnitValue[]>((values) => Array.isArray(values) && values.every(isUnitValue), {
    error: "expected a list of [cell, unit, value]",
  }),
});

export const snapshotSchema = z.strictObject({
  run: z.strictObject({
    id: z.string(),
    suite: z.string(),
    command: z.string(),
    harness: z.string(),
    startedAt: z.string(),
    state: z.enum(["running", "partial", "complete"]),
  }),
  commit: z.string().optional(),
  /** sha256 of the configuration but for its seeds and its names, and of the data. */
  settings: hash,
  /** That configuration, so that a comparison names what differs; absent in old histories. */
  config: z.record(z.string(), z.unknown()).optional(),
  /** First seed and their number: what `settings` leaves out. */
  seed: finite,
  /** What quality depends on besides a cell's own hash. */
  precision: z.string(),
  /** What timing depends on besides. */
  machine: z.record(z.string(), z.string()),
  cells: z.array(
    z.strictObject({
      id: z.string(),
      configHash: hash,
      state: z.enum(["done", "failed", "skipped", "unfinished"]),
      why: z.string().optional(),
    }),
  ),
  rows: z.array(rowSchema),
  /** Metrics without a value for one unit, and why. */
  missing: z.array(z.strictObject({ key: z.string(), unit: z.string(), why: z.string() })),
});

export type Snapshot = z.infer<typeof snapshotSchema>;
export type SnapshotRow = z.infer<typeof rowSchema>;
export type SnapshotCell = Snapshot["cells"][number];

/** What of a run is compared. Cells that the run planned and never finished are there, as unfinished. */
export function snapshotOf({ run, cells }: Pick<RunRecords, "run" | "cells">, commit?: string): Snapshot {
  const finished = new Map(cells.map((cell) => [cell.id, cell]));
  const rows = new Map<string, SnapshotRow>();
  const places = new Map(run.plan.map(({ id }, place) => [id, place]));
  const { id, suite, command, startedAt, state } = run;
  const { precision, ...machine } = placeOf(run);
  const { readings, missing } = readingsOf(viewOf(run, cells), tables);
  for (const { cell, unit, value, ...row } of readings) {
    const found = rows.get(row.key) ?? { ...row, values: [] };
    found.values.push([places.get(cell)!, unit, value]);
    rows.set(row.key, found);
  }
  return {
    run: { id, suite, command, harness: run.environment.harness, startedAt, state },
    commit,
    settings: hashOf({ compared: settingsOf(run), dataset: run.dataset.hash }),
    config: settingsOf(run),
    seed: typeof run.config.seed === "number" ? run.config.seed : 0,
    precision,
    machine,
    cells: run.plan.map(({ id, configHash }) => ({ id, configHash, ...endOf(finished.get(id)) })),
    rows: [...rows.values()],
    missing,
  };
}

function endOf(cell: Cell | undefined): Pick<SnapshotCell, "state" | "why"> {
  if (!cell) return { state: "unfinished" };
  if (cell.state === "failed") return { state: "failed", why: `${cell.code}: ${cell.message}` };
  return cell.state === "skipped" ? { state: "skipped", why: cell.why } : { state: "done" };
}

/** Names, descriptions, seeds and the number of repetitions do not change what one unit measures. */
function settingsOf({ config }: Run): Record<string, unknown> {
  const settings = without(config, ["name", "suite", "description", "seed", "seeds"]);
  const stages = settings.stages as { latency?: Record<string, unknown> } | undefined;
  const latency = stages?.latency ? { latency: without(stages.latency, ["processes"]) } : {};
  return { ...settings, stages: { ...stages, ...latency } };
}

const without = (object: Readonly<Record<string, unknown>>, keys: readonly string[]) =>
  Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
