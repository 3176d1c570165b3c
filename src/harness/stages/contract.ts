/**
 * A stage turns a configuration into cells and a cell into a record. It is a function of its input: the runner times,
 * isolates, stores and resumes. Every cell runs in a child process of its own.
 */
import type { Engine } from "../../engine/contract.ts";
import type { Dataset } from "../datasets/contract.ts";
import type { CellRecord } from "../record/schema.ts";
import type { SuiteConfig } from "../suite/schema.ts";

export interface PlannedCell {
  /** Stable and readable, e.g. `train/ddpm/seed-0`. */
  readonly id: string;
  readonly kind: CellRecord["kind"];
  /** Ids of cells whose records and files this one reads. */
  readonly needs: readonly string[];
  /** What the cell's result depends on besides its needs; its hash, with theirs, is the cell's config hash. */
  readonly settings: Readonly<Record<string, unknown>>;
}

export interface Progress {
  readonly done: number;
  readonly total: number;
  readonly loss?: number;
  readonly imagesPerSecond?: number;
  readonly note?: string;
}

export interface CellContext {
  readonly cell: PlannedCell;
  readonly config: SuiteConfig;
  /** The run folder. Files are written below it, and named in the record relative to it. */
  readonly out: string;
  readonly engine: Engine;
  /** Loaded on first use; the same for every cell of a run. */
  dataset(): Promise<Dataset>;
  /** Record of a needed cell, of the kind expected. */
  record<Kind extends CellRecord["kind"]>(kind: Kind, id: string): Extract<CellRecord, { kind: Kind }>;
  progress(progress: Progress): void;
}

export interface Stage {
  readonly kind: CellRecord["kind"];
  /** One line for `bench list` and the plan. */
  readonly title: string;
  /** Cells of this stage, in order; empty where the suite does not ask for it. */
  plan(config: SuiteConfig): PlannedCell[];
  run(context: CellContext): Promise<CellRecord>;
}
