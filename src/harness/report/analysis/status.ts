/** How complete the run is, and what a reader must know before any number. */
import type { Cell, Run } from "../../record/index.ts";
import { emulatesPrecision } from "./engine.ts";
import { formatList, plural } from "./format.ts";

export interface Status {
  readonly planned: number;
  readonly done: number;
  readonly failed: readonly { readonly id: string; readonly code: string; readonly message: string }[];
  readonly skipped: readonly { readonly id: string; readonly why: string }[];
  /** Planned cells without a result. */
  readonly missing: readonly string[];
}

export function statusOf(run: Run, cells: readonly Cell[]): Status {
  const finished = new Set(cells.map(({ id }) => id));
  return {
    planned: run.plan.length,
    done: cells.filter(({ state }) => state === "done").length,
    failed: cells.flatMap((cell) => (cell.state === "failed" ? [cell] : [])),
    skipped: cells.flatMap((cell) => (cell.state === "skipped" ? [cell] : [])),
    missing: run.plan.flatMap(({ id }) => (finished.has(id) ? [] : [id])),
  };
}

export interface Mark {
  readonly label: string;
  readonly detail: string;
}

/** Marks beside the title: whatever makes this run less than a complete run on real hardware. */
export function marksOf(run: Run, cells: readonly Cell[], notices: readonly string[]): Mark[] {
  const status = statusOf(run, cells);
  const marks: Mark[] = [];
  if (status.missing.length > 0 || run.state !== "complete")
    marks.push({
      label: run.state === "running" ? "Unfinished run" : "Partial run",
      detail: `${status.done} of ${plural(status.planned, "cell")} done. Without a result: ${
        status.missing.length > 0 ? formatList(status.missing) : "none"
      }.`,
    });
  for (const { id, code, message } of status.failed)
    marks.push({ label: "Failed cell", detail: `${id}: ${code} ${message}` });
  for (const { id, why } of status.skipped) marks.push({ label: "Skipped cell", detail: `${id}: ${why}` });
  for (const cell of cells)
    if (cell.state === "done" && cell.record.kind === "train" && cell.record.outcome === "diverged") {
      const { model, seed, divergence } = cell.record;
      const at = divergence
        ? ` at step ${divergence.step}: ${divergence.quantity}, ${divergence.reason}`
        : "";
      marks.push({ label: "Diverged", detail: `${model}, seed ${seed}${at}` });
    }
  const mismatches = run.merged?.mismatches ?? [];
  if (mismatches.length > 0)
    marks.push({
      label: "Mismatched shards",
      detail: `Merged although they differ, so numbers of different shards do not compare: ${mismatches.join("; ")}.`,
    });
  if (run.engine.device.software)
    marks.push({
      label: "Software GPU",
      detail: `${run.engine.device.model} emulates a GPU on the processor: its times say nothing about a real one.`,
    });
  if (emulatesPrecision(run.engine))
    marks.push({
      label: "Emulated float16",
      detail:
        "The processor computed in float32 and rounded every operator's result: quality is that of float16, times say " +
        "nothing about a device that computes in it.",
    });
  for (const notice of notices) marks.push({ label: "Notice", detail: notice });
  return marks;
}

/** The five claims of the question and the open one, by the stage that measures each. */
const claims = {
  stability: "Diffusion trains stably, GANs do not",
  latency: "A GAN is one pass, diffusion hundreds",
  diversity: "Diffusion covers the distribution, GANs lose modes",
  control: "Diffusion is easier to steer",
  data: "Diffusion needs more data",
  distill: "A distilled diffusion model needs few steps",
} as const;

export interface StageStatus {
  readonly stage: string;
  readonly claim: string;
  readonly state: "measured" | "partly measured" | "not measured";
  readonly text: string;
}

export function stagesOf(run: Run, cells: readonly Cell[]): StageStatus[] {
  const done = new Set(cells.filter(({ state }) => state === "done").map(({ id }) => id));
  return Object.entries(claims).map(([stage, claim]) => {
    const planned = run.plan.filter(({ kind }) => kind === stage);
    const finished = planned.filter(({ id }) => done.has(id)).length;
    if (planned.length === 0)
      return { stage, claim, state: "not measured", text: "not measured in this suite" };
    if (finished === planned.length) return { stage, claim, state: "measured", text: "measured" };
    const state = finished > 0 ? "partly measured" : "not measured";
    return { stage, claim, state, text: `${state}: ${finished} of ${plural(planned.length, "cell")} done` };
  });
}
