/**
 * What a report shows of each kind of record: its tables, and its section where it has one, in reading order. To add a
 * stage: its line here. Nothing here loads an engine.
 */
import type { CellRecord } from "../../record/index.ts";
import type { Section } from "../../report/section.ts";
import type { Table, View } from "../../tables/index.ts";
import { judges } from "../classifier/tables.ts";
import { controlClaim } from "../control/claim.ts";
import { inpainting } from "../control/holes.ts";
import { controlLabels, controlQuality } from "../control/quality.ts";
import { controlSection } from "../control/section.ts";
import { cas, control } from "../control/tables.ts";
import { costSection } from "../cost/section.ts";
import { costTime, evaluations } from "../cost/tables.ts";
import { dataClaim } from "../data/claim.ts";
import { dataSection } from "../data/section.ts";
import { data } from "../data/tables.ts";
import { distillClaim } from "../distill/claim.ts";
import { distillSection } from "../distill/section.ts";
import { distill, distillTraining } from "../distill/tables.ts";
import { diversityClaim } from "../diversity/claim.ts";
import { confirmed } from "../diversity/judges.ts";
import { diversitySection } from "../diversity/section.ts";
import { diversity, modes } from "../diversity/tables.ts";
import { weights } from "../diversity/weights.ts";
import { forwardSection } from "../forward/section.ts";
import { forward } from "../forward/tables.ts";
import { latencyClaim } from "../latency/claim.ts";
import { frontSection, latencySection } from "../latency/section.ts";
import { latency, processMemory, requests } from "../latency/tables.ts";
import { likelihoodSection } from "../likelihood/section.ts";
import { likelihood, likelihoodProfile } from "../likelihood/tables.ts";
import { sensitivity } from "../sensitivity/tables.ts";
import { budgets } from "../stability/budgets.ts";
import { stabilityClaim } from "../stability/claim.ts";
import { qualityTime } from "../stability/quality-time.ts";
import { stabilitySection } from "../stability/section.ts";
import { overTraining, stability, trainings } from "../stability/tables.ts";
import { training, trainingTime } from "../train/tables.ts";
import { tuneClaim } from "../tune/claim.ts";
import { tuneSection } from "../tune/section.ts";
import { tuning } from "../tune/tables.ts";
import { stageTime } from "./stage-time.ts";

export interface Readout {
  readonly tables: readonly Table[];
  section?(view: View): Section;
}

const readouts: Readonly<Record<CellRecord["kind"], Readout>> = {
  classifier: { tables: [judges] },
  anchors: { tables: [] }, // what the numbers mean: they stand beside the others' in every chart and table
  train: { tables: [training, trainingTime] },
  stability: {
    tables: [trainings, stability, overTraining, budgets, qualityTime],
    section: stabilitySection,
  },
  sensitivity: { tables: [sensitivity] }, // its chart stands among those of stability
  latency: { tables: [latency, requests, processMemory], section: latencySection },
  diversity: { tables: [diversity, modes, weights, confirmed], section: diversitySection },
  control: { tables: [control, controlQuality, controlLabels, inpainting, cas], section: controlSection },
  data: { tables: [data], section: dataSection },
  distill: { tables: [distill, distillTraining], section: distillSection },
  forward: { tables: [forward], section: forwardSection },
  likelihood: { tables: [likelihood, likelihoodProfile], section: likelihoodSection },
  cost: { tables: [costTime, evaluations], section: costSection },
  tune: { tables: [tuning], section: tuneSection },
};

/** The claims of the question, the open one, and one of our own, by the stage that measures each. */
export const claims = {
  stability: stabilityClaim.text,
  latency: latencyClaim.text,
  diversity: diversityClaim.text,
  control: controlClaim.text,
  data: dataClaim.text,
  distill: distillClaim.text,
  tune: tuneClaim.text,
} as const;

/** Every table of a run, in the order of its files. */
export const tables: readonly Table[] = [
  ...Object.values(readouts).flatMap((readout) => readout.tables),
  stageTime,
];

/** Sections of a run in reading order: the claims whether measured or not, and of the others those that were. */
export const sectionsOf = (view: View): Section[] =>
  [frontSection, ...Object.values(readouts).flatMap(({ section }) => section ?? [])]
    .map((make) => make(view))
    .filter(({ parts, verdict }) => parts.length > 0 || verdict !== undefined);
