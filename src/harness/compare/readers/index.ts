/** What each kind of record says. A kind without readings of its own is there too, so that a new one is not forgotten. */
import type { CellRecord } from "../../record/index.ts";
import type { CellReadings, ReadingContext } from "../readings.ts";
import { nothing, type Reader } from "./make.ts";
import { readControl, readDistill, readDiversity, readLikelihood } from "./sampling.ts";
import { readCost, readLatency } from "./timing.ts";
import { readClassifier, readData, readSensitivity, readStability, readTrain } from "./training.ts";

type Readers = { readonly [Kind in CellRecord["kind"]]: Reader<Kind> };

const readers: Readers = {
  classifier: readClassifier,
  anchors: () => nothing, // what the numbers mean, not how well a model does; they are the targets of two-sided metrics
  train: readTrain,
  stability: readStability,
  sensitivity: readSensitivity,
  latency: readLatency,
  diversity: readDiversity,
  control: readControl,
  data: readData,
  distill: readDistill,
  forward: () => nothing, // a schedule's own numbers: they follow from the configuration
  likelihood: readLikelihood,
  cost: readCost,
};

export function readingsOf(record: CellRecord, context: ReadingContext): CellReadings {
  const reader = readers[record.kind] as (record: CellRecord, context: ReadingContext) => CellReadings;
  return reader(record, context);
}
