/** Made snapshots and histories: readings from formulas and a fixed seed. */

import { sha256 as sha } from "../../../src/core/hash.ts";
import { rng } from "../../../src/core/rng.ts";
import type { History } from "../../../src/harness/compare/history/parse.ts";
import type { Snapshot, SnapshotRow } from "../../../src/harness/compare/snapshot.ts";

export { sha };

export interface MadeRow extends Partial<Omit<SnapshotRow, "values">> {
  readonly key: string;
  /** One a unit: seeds for quality, processes for timing. */
  readonly values: readonly number[];
}

export const timing = (key: string, values: readonly number[]): MadeRow => ({ key, values, class: "timing" });
export const quality = (key: string, values: readonly number[], more: Partial<MadeRow> = {}): MadeRow => ({
  key,
  class: "quality",
  unitKind: "seed",
  protocol: "n 640",
  classifier: sha("judge").slice(0, 16),
  ...more,
  values,
});

export const machine = {
  engine: "onnx",
  provider: "cpu",
  device: "Example CPU 2.4 GHz",
  cores: "2",
  runtime: "onnxruntime-node 1.30.0",
  node: "20",
};

/** A run with a cell for each unit of each class: `latency/process-0`, `diversity/ddpm/seed-0`. */
export function snapshot(id: string, rows: readonly MadeRow[], more: Partial<Snapshot> = {}): Snapshot {
  const cellOf = (unitKind: string, i: number) =>
    unitKind === "seed" ? `diversity/ddpm/seed-${i}` : `latency/process-${i}`;
  const ids: string[] = [];
  const place = (cell: string) => {
    if (!ids.includes(cell)) ids.push(cell);
    return ids.indexOf(cell);
  };
  const full = rows.map(({ values, ...row }): SnapshotRow => {
    const unitKind = row.unitKind ?? "process";
    return {
      metric: row.key.split("/").at(-1)!,
      class: "timing",
      direction: "lower",
      protocol: "",
      unitKind,
      ...row,
      values: values.map((value, i) => [place(cellOf(unitKind, i)), `${unitKind} ${i}`, value]),
    };
  });
  return {
    run: {
      id,
      suite: "nightly",
      command: "bench run --suite nightly",
      harness: "0.1.0",
      startedAt: "2026-11-23T18:38:00.000Z",
      state: "complete",
    },
    settings: sha("settings"),
    seed: 0,
    precision: "float32",
    machine,
    cells: ids.map((cell) => ({ id: cell, configHash: sha(cell), state: "done" })),
    rows: full,
    missing: [],
    ...more,
  };
}

/** A history of these nights, as if each had been added in turn. */
export function historyOf(
  nights: readonly Snapshot[],
  accepts: readonly { night: string; reason: string }[] = [],
): History {
  const link = { schemaVersion: 1, previous: sha(""), at: "2026-11-24T00:00:00.000Z" } as const;
  return {
    nights: nights.map((snapshot) => ({ ...link, kind: "night", snapshot })),
    accepts: accepts.map((accept) => ({ ...link, kind: "accept", ...accept })),
    last: link.previous,
    whole: 0,
    notices: [],
  };
}

export interface MachineNoise {
  /** Relative deviations: of a night as a whole, of one reading in a night, of one process. */
  readonly night: number;
  readonly reading: number;
  readonly process: number;
  /** Chance of a process that something else disturbed, which makes it up to half as slow again. */
  readonly disturbed: number;
}

/** Hosted runners of one kind: nights differ by a percent or so, processes more, and now and then one is disturbed. */
export const hosted: MachineNoise = { night: 0.01, reading: 0.006, process: 0.015, disturbed: 0.03 };

/** Night `n` of a machine: latencies of `readings` settings in `processes` processes, `slower` times as slow. */
export function simulatedNight(
  seed: number,
  n: number,
  noise: MachineNoise,
  { readings = 12, processes = 5, slower = 1 } = {},
): Snapshot {
  const stream = rng(seed).fold("night").fold(n);
  const whole = noise.night * stream.normal();
  const rows = Array.from({ length: readings }, (_, i) => {
    const level = Math.log(0.5 * 1.7 ** i * slower) + whole + noise.reading * stream.normal();
    const values = Array.from({ length: processes }, () => {
      const disturbance = stream.uniform() < noise.disturbed ? 0.4 * stream.uniform() : 0;
      return Math.exp(level + noise.process * stream.normal() + disturbance);
    });
    return timing(`latency/ddpm/ddim-${i}/request_ms`, values);
  });
  return snapshot(`${seed}-${n}`, rows, { commit: sha(`commit ${n}`).slice(0, 40) });
}
