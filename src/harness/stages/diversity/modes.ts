/** Share of images in each mode: a row a setting, a column a mode. */
import { formatNumber, formatPercent } from "../../../core/format.ts";
import { type Chart, colors, layered, lookOf, nameAt } from "../../report/charts/index.ts";
import { inCsv, numbers, settingColumns, shortLabel, type View } from "../../tables/index.ts";
import { anchorsAt } from "../anchors/tables.ts";
import { modes, type QualityPoint, qualityPoints } from "./tables.ts";

/** Columns that can be told apart; more modes than these are summed in equal runs. */
const COLUMNS = 100;
/** Columns that have room for their names. */
const NAMED = 16;

export function modesChart(view: View): Chart | undefined {
  const points = qualityPoints(view).filter(({ modeCounts }) => modeCounts.length > 0);
  if (points.length === 0) return undefined;
  const anchors = anchorsAt(view, points[0]!.n);
  const rows = [
    ...(anchors ? [{ label: "real images", color: colors.floor, point: anchors.floor }] : []),
    ...points.map((point) => ({
      label: shortLabel(view, point),
      color: lookOf(view, point.model).color,
      point,
    })),
    ...(anchors ? [{ label: "noise", color: colors.ceiling, point: anchors.ceiling }] : []),
  ];
  const columns = columnsOf(view.run.dataset.modes);
  const data = rows.flatMap(({ label, color, point }, row) =>
    shares(point, columns).map(({ count, share }, i) => ({
      row,
      label,
      color,
      mode: i,
      name: columns[i]!.name,
      count,
      share: (share * columns.length) / 2, // half strength at an even share
      tip: `${label}, ${columns[i]!.name}\n${formatNumber(count, 6)} images, ${formatPercent(share)}`,
    })),
  );
  const names = rows.map(({ label }) => label);
  const summed = view.run.dataset.modes.length > COLUMNS;
  const named = columns.length <= NAMED;
  const at = {
    x: {
      field: "mode",
      type: "ordinal" as const,
      title: named ? "mode" : `${view.run.dataset.modes.length} modes, in the dataset's order`,
      scale: { paddingInner: 0.08 },
      axis: named
        ? {
            values: columns.map((_, i) => i),
            labelExpr: nameAt(columns.map(({ name }) => name)),
            labelAngle: 0,
            labelOverlap: "greedy" as const,
            labelLimit: 70,
            ticks: false,
            domain: false,
          }
        : { labels: false, ticks: false, domain: false },
    },
    y: {
      field: "row",
      type: "ordinal" as const,
      title: null,
      scale: { paddingInner: 0.12 },
      axis: { labelExpr: nameAt(names), labelLimit: 190 },
    },
  };
  return {
    id: "modes",
    title: "Images in each mode",
    description: `Share of the images that the classifier assigns to each of ${view.run.dataset.modes.length} modes. The stronger the colour, the larger the share; full colour is twice an even share or more, a cross is none.`,
    notes: summed ? [`The modes are summed in ${columns.length} runs of neighbours.`] : [],
    legend: [],
    size: "full",
    spec: layered("full", rows.length * 20, [
      {
        data: { values: data },
        mark: "rect",
        encoding: {
          ...at,
          color: { field: "color", type: "nominal", scale: null },
          opacity: {
            field: "share",
            type: "quantitative",
            scale: { domain: [0, 1], range: [0.06, 1], clamp: true },
            legend: null,
          },
          tooltip: { field: "tip", type: "nominal" },
        },
      },
      {
        data: { values: data.filter(({ count }) => count === 0) },
        mark: {
          type: "point",
          shape: "M-1,-1L1,1M1,-1L-1,1",
          size: 50,
          strokeWidth: 1.5,
          color: colors.alarm,
        },
        encoding: at,
      },
    ]),
    table: numbers(
      rows,
      {
        setting: ({ label }) => label,
        ...Object.fromEntries(
          columns.map((column, i) => [
            column.name,
            ({ point }: (typeof rows)[number]) => shares(point, columns)[i]!.count,
          ]),
        ),
      },
      inCsv(modes, ({ point }) => settingColumns(point)),
    ),
  };
}

interface ModeColumn {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

function columnsOf(names: readonly string[]): ModeColumn[] {
  const count = Math.min(COLUMNS, names.length);
  return Array.from({ length: count }, (_, i) => {
    const from = Math.floor((i * names.length) / count);
    const to = Math.floor(((i + 1) * names.length) / count);
    const name = to - from === 1 ? names[from]! : `${names[from]} to ${names[to - 1]}`;
    return { name, from, to };
  });
}

function shares({ modeCounts }: QualityPoint, columns: readonly ModeColumn[]) {
  const total = modeCounts.reduce((sum, count) => sum + count, 0);
  return columns.map(({ from, to }) => {
    const count = modeCounts.slice(from, to).reduce((sum, one) => sum + one, 0);
    return { count, share: total > 0 ? count / total : 0 };
  });
}
