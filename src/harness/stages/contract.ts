/**
 * A stage turns a configuration into cells and a cell into a record. It is a function of its input: the runner times,
 * isolates, stores and resumes. Every cell runs in a child process of its own.
 */
import type { Engine } from "../../engine/contract.ts";
import type { Dataset } from "../datasets/contract.ts";
import type { CellRecord, DatasetFacts, ModelFacts, RecordOf } from "../record/index.ts";
import type { SuiteConfig } from "../suite/index.ts";

/** The settings of any cell. */
export type Settings = Readonly<Record<string, unknown>>;

export interface PlannedCell<S extends object = Settings> {
  /** Stable and readable, e.g. `train/ddpm/seed-0`. */
  readonly id: string;
  readonly kind: CellRecord["kind"];
  /** Ids of the cells whose records and files this one reads. */
  readonly needs: readonly string[];
  /** Everything besides the needs that decides the cell's result; its hash, with theirs, is the cell's config hash. */
  readonly settings: Readonly<S>;
}

export interface HashedCell<S extends object = Settings> extends PlannedCell<S> {
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

/** The amount of work in a cell, from counts alone. */
export interface Work {
  /** Images that training passes see, repeats counted. */
  readonly trainingImages: number;
  /** Passes of one image through a sampling network; for latency, at most. */
  readonly evaluations: number;
  /** Floating-point operations of both, 2 per multiply-add; the classifier's are not counted. */
  readonly flops: number;
}

export interface CellContext<S extends object = Settings> {
  readonly cell: HashedCell<S>;
  readonly config: SuiteConfig;
  /** Number of labels of a conditional model: the data's modes where they are known, else its classes. */
  readonly labels: number;
  /** The run folder. Files are written below it, and named in the record relative to it. */
  readonly out: string;
  readonly engine: Engine;
  /** Loaded on first use, and kept; the same for every cell of a run. */
  dataset(): Promise<Dataset>;
  /** Record of a needed cell, of the expected kind. */
  record<Kind extends CellRecord["kind"]>(kind: Kind, id: string): RecordOf<Kind>;
  progress(progress: Progress): void;
  /** Why a needed cell has no record, where this cell runs without it; undefined where it has one. */
  missing(id: string): string | undefined;
  /** Something that whoever started the run should know, and that no record holds. */
  note(message: string): void;
  /** Seconds between saved positions of a training, from which a killed one continues; 60 by default. */
  readonly saveEverySeconds?: number;
}

export interface Stage<S extends object = Settings> {
  readonly kind: CellRecord["kind"];
  /** One line for `bench list` and the plan. */
  readonly title: string;
  /** Its cells follow from the seed alone and many cells read them: each shard computes those that its cells read. */
  readonly common?: boolean;
  /** Its numbers are timings: its cells run on one machine (the coordinator's where there is a queue), one at a time. */
  readonly alone?: boolean;
  /** Whether a cell has something to do without these of its needs, which failed or were skipped; default: no. */
  runsWithout?(config: SuiteConfig, missing: readonly string[]): boolean;
  /** Cells of this stage, in order; empty where the suite does not ask for it. */
  plan(config: SuiteConfig): PlannedCell<S>[];
  /** @throws BAD_CONFIG where the data is too small for what the suite asks of this stage. */
  check?(config: SuiteConfig, dataset: DatasetFacts): void;
  work(cell: PlannedCell<S>, config: SuiteConfig, models: readonly ModelFacts[]): Work;
  /** A DIVERGED error skips the cell: without weights there is nothing to measure, and that is a result, not a failure. */
  run(context: CellContext<S>): Promise<CellRecord>;
}
