/** Loss and gradient norm over training images seen, one panel a model and kind of quantity. */
import type { Cell, Run } from "../../record/index.ts";
import { familyOf, formatNumber, type TrainingPanel, titleOf, trainingPanels } from "../analysis/index.ts";
import { type Axis, channel, linearDomain, logAxis } from "./axis.ts";
import { type Chart, hiddenNote, layered } from "./chart.ts";
import { hitArea } from "./marks.ts";
import { colorOf } from "./theme.ts";

export function trainingCharts(run: Run, cells: readonly Cell[]): Chart[] {
  return trainingPanels(run, cells).map((panel, index) => trainingChart(run, panel, index));
}

const words = (quantity: string): string => quantity.replaceAll("_", " ");

function trainingChart(run: Run, panel: TrainingPanel, index: number): Chart {
  const { group, quantities, seeds, scale, points } = panel;
  const last = Math.max(...points.map(({ imagesSeen }) => imagesSeen));
  const x: Axis = { title: "training images seen", scale: "linear", domain: [0, last], labels: "si" };
  const values = points.flatMap(({ low, high }) => [low, high]);
  const title = `${group === "other" ? quantities.map(words).join(", ") : group}${scale === "log" ? ", log scale" : ""}`;
  const y: Axis = scale === "log" ? logAxis(title, values) : { title, scale, domain: linearDomain(values) };
  const rows = points.map((point) => ({
    x: point.imagesSeen,
    y: point.mean,
    low: point.low,
    high: point.high,
    quantity: point.quantity,
    seed: String(point.seed),
    tip: [
      `${words(point.quantity)}, seed ${point.seed}`,
      `step ${point.step}, ${formatNumber(point.imagesSeen, 6)} images`,
      `mean ${formatNumber(point.mean, 4)}, from ${formatNumber(point.low)} to ${formatNumber(point.high)}`,
    ].join("\n"),
  }));
  const family = familyOf(run, panel.model) ?? "diffusion";
  const color = {
    field: "quantity",
    type: "nominal" as const,
    scale: { domain: [...quantities], range: quantities.map((_, i) => colorOf({ family, index: i })) },
    legend: null,
  };
  const detail = { field: "seed", type: "nominal" as const };
  const data = { values: rows };
  const modelTitle = titleOf(run, panel.model);
  const noun = group === "other" ? "other quantities" : group;
  return {
    id: `training-${index}`,
    title: `${modelTitle}: ${noun}`,
    description: `Over training images seen${
      seeds.length > 1 ? `, one line for each of ${seeds.length} seeds` : ""
    }. Line: mean of neighbouring steps; band: their lowest and highest.`,
    notes: hiddenNote(panel.hidden),
    legend: quantities.map((quantity, i) => ({
      label: words(quantity),
      color: colorOf({ family, index: i }),
      symbol: "line",
    })),
    size: "half",
    spec: layered("half", 220, [
      {
        data,
        mark: { type: "area", opacity: 0.18 },
        encoding: { x: channel("x", x), y: channel("low", y), y2: { field: "high" }, color, detail },
      },
      {
        data,
        mark: { type: "line", strokeWidth: 1.5 },
        encoding: { x: channel("x", x), y: channel("y", y), color, detail },
      },
      hitArea(rows, x, y),
    ]),
    table: {
      columns: ["quantity", "seed", "step", "images seen", "mean", "lowest", "highest"],
      rows: everyNth(points, 20).map((point) => [
        words(point.quantity),
        String(point.seed),
        String(point.step),
        formatNumber(point.imagesSeen, 6),
        formatNumber(point.mean, 4),
        formatNumber(point.low, 4),
        formatNumber(point.high, 4),
      ]),
    },
  };
}

/** About `count` members of each curve, its last included: the table under the chart; the CSV has every value. */
function everyNth(points: TrainingPanel["points"], count: number): TrainingPanel["points"] {
  const perCurve = Math.max(1, Math.floor(points.length / count / Math.max(1, curves(points))));
  return points.filter((point, i) => {
    const next = points[i + 1];
    const last = !next || next.quantity !== point.quantity || next.seed !== point.seed;
    return last || i % perCurve === 0;
  });
}

const curves = (points: TrainingPanel["points"]): number =>
  new Set(points.map(({ quantity, seed }) => `${quantity} ${seed}`)).size;
