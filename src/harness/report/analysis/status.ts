/** How complete the run is, and what a reader must know before any number. */
import { formatList, formatNumber, plural } from "../../../core/format.ts";
import type { Run } from "../../record/index.ts";
import { anchorsAt } from "../../stages/anchors/tables.ts";
import { qualityPoints, readingNamed } from "../../stages/diversity/tables.ts";
import { claims } from "../../stages/readout/index.ts";
import { searches } from "../../stages/tune/tables.ts";
import { metricWord, RANKING, type View } from "../../tables/index.ts";
import type { Mark } from "../section.ts";

/** `onnx/cpu`, and the precision of its samples where that is not float32. */
export const engineWords = ({ name, provider, precision = "float32" }: Run["engine"]): string =>
  `${name}/${provider}${precision === "float32" ? "" : `, sampling in ${precision}`}`;

/** Marks beside the title: whatever makes this run less than a complete run on real hardware. */
export function marksOf(view: View): Mark[] {
  const { run, cells, notices } = view;
  const marks: Mark[] = [];
  const mark = (label: string, detail: string) => marks.push({ label, detail });
  const finished = new Set(cells.map(({ id }) => id));
  const done = cells.filter(({ state }) => state === "done").length;
  const missing = run.plan.flatMap(({ id }) => (finished.has(id) ? [] : [id]));
  if (missing.length > 0 || run.state !== "complete")
    mark(
      run.state === "running" ? "Unfinished run" : "Partial run",
      `${done} of ${plural(run.plan.length, "cell")} done. Without a result: ${missing.length > 0 ? formatList(missing) : "none"}.`,
    );
  for (const cell of cells)
    if (cell.state === "failed") mark("Failed cell", `${cell.id}: ${cell.code} ${cell.message}`);
  for (const cell of cells) if (cell.state === "skipped") mark("Skipped cell", `${cell.id}: ${cell.why}`);
  for (const cell of cells)
    if (cell.state === "done" && cell.record.kind === "train" && cell.record.outcome === "diverged") {
      const { model, seed, divergence } = cell.record;
      const at = divergence && ` at step ${divergence.step}: ${divergence.quantity}, ${divergence.reason}`;
      mark("Diverged", `${model}, seed ${seed}${at ?? ""}`);
    }
  marks.push(...nonsense(view));
  const mismatches = run.merged?.mismatches ?? [];
  if (mismatches.length > 0)
    mark(
      "Mismatched shards",
      `Merged although they differ, so numbers of different shards do not compare: ${mismatches.join("; ")}.`,
    );
  if (run.engine.device.software)
    mark(
      "Software GPU",
      `${run.engine.device.model} emulates a GPU on the processor: its times say nothing about a real one.`,
    );
  // as on the processor, slower than either precision
  if (run.engine.precision === "float16" && run.engine.provider === "cpu")
    mark(
      "Emulated float16",
      "The processor computed in float32 and rounded every operator's result: quality is that of float16, times say nothing about a device that computes in it.",
    );
  for (const notice of notices) mark("Notice", notice);
  return marks;
}

/** Where the metric that ranks cannot tell real images from noise, no ranking by it means anything. */
function nonsense(view: View): Mark[] {
  const n = qualityPoints(view)[0]?.n;
  const anchors = anchorsAt(view, n);
  const [real, noise] = [anchors?.floor, anchors?.ceiling].map((point) => readingNamed(point, RANKING));
  if (!real || !noise) return [];
  const { direction } = real;
  if (
    direction === "two-sided" ||
    (direction === "lower" ? real.value < noise.value : real.value > noise.value)
  )
    return [];
  return [
    {
      label: "No scale",
      detail: `By ${metricWord(view, RANKING)} real images score ${formatNumber(real.value)}, no better than noise with ${formatNumber(noise.value)}: no ranking by it means anything here.`,
    },
  ];
}

export interface StageStatus {
  readonly stage: string;
  readonly claim: string;
  readonly state: "measured" | "partly measured" | "not measured";
  readonly text: string;
}

/** How far each claim was measured. */
export function stagesOf(view: View): StageStatus[] {
  const { run, cells } = view;
  const done = new Set(cells.filter(({ state }) => state === "done").map(({ id }) => id));
  return Object.entries(claims).map(([stage, claim]) => {
    if (stage === "tune" && searches(view).length > 0)
      return { stage, claim, state: "measured", text: "measured by the search behind the settings" };
    const planned = run.plan.filter(({ kind }) => kind === stage);
    const finished = planned.filter(({ id }) => done.has(id)).length;
    if (planned.length === 0)
      return { stage, claim, state: "not measured", text: "not measured in this suite" };
    if (finished === planned.length) return { stage, claim, state: "measured", text: "measured" };
    const state = finished > 0 ? "partly measured" : "not measured";
    return { stage, claim, state, text: `${state}: ${finished} of ${plural(planned.length, "cell")} done` };
  });
}
