/**
 * A stage turns a configuration into cells and a cell into a record. It is a function of its input: the runner times,
 * isolates, stores and resumes. Every cell runs in a child process of its own.
 */
import type { Engine } from "../../engine/contract.ts";
import type { Dataset } from "../datasets/contract.ts";
import type { CellRecord, DatasetFacts, ModelFacts } from "../record/index.ts";
import type { SuiteConfig } from "../suite/index.ts";

export interface PlannedCell {
  /** Stable and readable, e.g. `train/ddpm/seed-0`. */
  readonly id: string;
  readonly kind: CellRecord["kind"];
  /** Ids of cells whose records and files this one reads. */
  readonly needs: readonly string[];
  /** What the cell's result depends on besides its needs; its hash, with theirs, is the cell's config hash. */
  readonly settings: Readonly<Record<string, unknown>>;
}

export interface HashedCell extends PlannedCell {
  /** sha256 (hex). */
  readonly configHash: string;
}

export interface Progress {
  readonly done: number;
  readonly total: number;
  readonly loss?: number;
  readonly imagesPerSecond?: number;
  readonly note?: string;
}

/** How much a cell has to do, from counts alone. */
export interface Work {
  /** Images that training passes see, repeats counted. */
  readonly trainingImages: number;
  /** Passes of one image through a sampling network; for latency, at most. */
  readonly evaluations: number;
  /** Floating-point operations of both, 2 per multiply-add; without the classifier's. */
  readonly flops: number;
}

export interface CellContext {
  readonly cell: HashedCell;
  readonly config: SuiteConfig;
  /** Labels of the data that a conditional model tells apart: modes where the data's maker knows them, else classes. */
  readonly labels: number;
  /** The run folder. Files are written below it, and named in the record relative to it. */
  readonly out: string;
  readonly engine: Engine;
  /** Loaded on first use; the same for every cell of a run. */
  dataset(): Promise<Dataset>;
  /** Record of a needed cell, of the kind expected. */
  record<Kind extends CellRecord["kind"]>(kind: Kind, id: string): Extract<CellRecord, { kind: Kind }>;
  progress(progress: Progress): void;
  /** A long training saves its position this often, every minute by default, to go on from there where it is killed. */
  readonly saveEverySeconds?: number;
}

export interface Stage {
  readonly kind: CellRecord["kind"];
  /** One line for `bench list` and the plan. */
  readonly title: string;
  /** Its cells follow from the seed alone and are read by many: every shard whose cells read them computes them. */
  readonly common?: boolean;
  /** Its numbers are timings: its cells run on one machine, the coordinator's where there is a queue, and nothing beside them. */
  readonly alone?: boolean;
  /** Cells of this stage, in order; empty where the suite does not ask for it. */
  plan(config: SuiteConfig): PlannedCell[];
  /** BAD_CONFIG where this data cannot give what the suite asks of this stage. */
  check?(config: SuiteConfig, dataset: DatasetFacts): void;
  /** What a cell of this stage has to do. */
  work(cell: PlannedCell, config: SuiteConfig, models: readonly ModelFacts[]): Work;
  /** A DIVERGED error skips the cell: there is nothing to measure, which is a result of training and no failure. */
  run(context: CellContext): Promise<CellRecord>;
}
