/** The open question: how few steps? */
import type { Cell, Run } from "../../record/index.ts";
import { formatNumber, groupBy, metricText, plural, records, titleOf } from "../analysis/index.ts";
import { distillChart, distillTable } from "../charts/distill.ts";
import { charts, present, type Section, tablePart } from "./section.ts";

export function distillSection(run: Run, cells: readonly Cell[]): Section {
  return {
    id: "distill",
    title: "Distillation",
    introduction: answer(run, cells),
    parts: [
      ...charts(present(distillChart(run, cells))),
      ...tablePart(
        "Fewest steps that meet the floor, and what they cost to train",
        distillTable(run, cells),
        "distill",
      ),
    ],
    protocol: [
      "A student learns to do in one step what its teacher does in several; its own training is counted on top of its teacher's. The floor is the worst value that still passes; the fewest steps are those of the setting of fewest network evaluations that meets it.",
      "Students stand in the latency and diversity charts beside their teacher, measured the same way.",
    ],
  };
}

/** How few steps each model of the line needs, over the seeds. */
function answer(run: Run, cells: readonly Cell[]): string {
  const found = records(cells, "distill");
  if (found.length === 0) return "Not measured: how few steps a distilled diffusion model needs.";
  const { metric, rule } = found[0]!.floor;
  const said = groupBy(
    found.flatMap(({ fewest }) => fewest),
    ({ model }) => model,
  ).map((group) => {
    const steps = group.flatMap((one) => one.steps ?? []);
    const name = titleOf(run, group[0]!.model);
    if (steps.length === 0) return `${name} does not meet it at any measured step count`;
    const [low, high] = [Math.min(...steps), Math.max(...steps)];
    const range = low === high ? plural(low, "step") : `${low} to ${high} steps`;
    return `${name} needs ${range}${steps.length < group.length ? ` in ${steps.length} of ${group.length} seeds and misses it in the others` : ""}`;
  });
  const floors = found.map(({ floor }) => floor.value);
  const [low, high] = [Math.min(...floors), Math.max(...floors)];
  const value = low === high ? formatNumber(low) : `${formatNumber(low)} to ${formatNumber(high)}`;
  return `To meet the floor, ${metricText(metric).title} ${value} (${rule}): ${said.join("; ")}. ${plural(found.length, "seed")}${found.length < 4 ? ", too few to say how sure that is" : ""}.`;
}
