/** Several runs together: what each says to the claims, and what each setting scores and takes in each of them. */
import { formatMs, formatNumber } from "../../../core/format.ts";
import { qualityPoints, readingNamed } from "../../stages/diversity/tables.ts";
import { optionsAt } from "../../stages/latency/front.ts";
import { comparedBatches, latencyRows, sharedBatches } from "../../stages/latency/tables.ts";
import { claims, sectionsOf } from "../../stages/readout/index.ts";
import {
  type DataTable,
  describeSetting,
  isOnePass,
  metricTitle,
  RANKING,
  type Setting,
  seedsText,
  seriesKey,
  type View,
} from "../../tables/index.ts";
import { type Chart, colorAt, plot } from "../charts/index.ts";
import { charts, type Section, tablePart } from "../section.ts";

export interface NamedRun extends View {
  /** Unlike any other run's of the page. */
  readonly name: string;
}

export function severalSections(runs: readonly NamedRun[]): Section[] {
  const ranking = runs[0] ? metricTitle(runs[0], RANKING) : "";
  const parts = [
    ...tablePart("What each run says to the claims", verdictsTable(runs)),
    ...charts(...overlaidCharts(runs)),
    ...tablePart(
      `${ranking} of each setting`,
      sideBySide(runs, (view) =>
        qualityPoints(view).map((point) => {
          const reading = readingNamed(point, RANKING);
          const text = reading && `${formatNumber(reading.value, 4)} (${seedsText(reading)})`;
          return [describeSetting(view, point), text ?? "undefined"];
        }),
      ),
    ),
    ...tablePart(
      "Median time per image, at the smallest batch size that all models of a run were timed at",
      sideBySide(runs, (view) => {
        const [batch] = sharedBatches(view);
        return latencyRows(view)
          .filter((row) => row.batch === batch)
          .map((row) => [describeSetting(view, row), `${formatMs(row.msPerImage)} (batch ${batch})`]);
      }),
    ),
  ];
  const introduction =
    "A setting is the same where model, sampler and steps have the same names; the runs' own configurations may differ.";
  return parts.length > 0 ? [{ id: "together", title: "Side by side", introduction, parts }] : [];
}

/** A row a setting, a column a run; settings in the order in which they first appear. */
function sideBySide(
  runs: readonly NamedRun[],
  read: (view: View) => readonly (readonly [string, string])[],
): DataTable {
  const columns = runs.map((run) => new Map(read(run)));
  const settings = [...new Set(columns.flatMap((column) => [...column.keys()]))];
  return {
    columns: ["setting", ...runs.map(({ name }) => name)],
    rows: settings.map((setting) => [setting, ...columns.map((column) => column.get(setting) ?? "")]),
  };
}

/** What each run says to each claim that has a rule. */
export function verdictsTable(runs: readonly NamedRun[]): DataTable {
  const outcomes = runs.map(
    (run) => new Map(sectionsOf(run).map(({ id, verdict }) => [id, verdict?.outcome])),
  );
  return {
    columns: ["claim", ...runs.map(({ name }) => name)],
    rows: Object.entries(claims)
      .filter(([stage]) => outcomes.some((one) => one.get(stage)))
      .map(([stage, text]) => [text, ...outcomes.map((one) => one.get(stage) ?? "not measured")]),
  };
}

interface Measured extends Setting {
  readonly run: NamedRun;
  /** Place of the run among the others. */
  readonly place: number;
  readonly x: number;
  readonly y: number;
}

const TIME = { title: "time per image (median)", scale: "log", labels: "milliseconds" } as const;
const STEPS = { title: "sampling steps", scale: "count" } as const;
const SYMBOLS =
  "Colour: the run; circles: models with steps, a line a model and sampler; diamonds: one pass.";

/** Quality against time, against steps, and time against steps, of all runs together. */
export function overlaidCharts(runs: readonly NamedRun[]): Chart[] {
  const ranking = runs[0] ? metricTitle(runs[0], RANKING) : "";
  const quality = { title: ranking, scale: "log" } as const;
  const of = (measure: (view: View) => readonly (Setting & { x: number; y: number })[]): Measured[] =>
    runs.flatMap((run, place) => measure(run).map((one) => ({ ...one, run, place })));
  const smallest = (view: View) => comparedBatches(view)[0] ?? 0;
  return [
    overlay({
      id: "together-front",
      title: "Quality against time",
      description: `${ranking} against time per image at the smallest batch; lower and further left is better.`,
      rows: of((view) =>
        optionsAt(view, smallest(view)).map((one) => ({ ...one, x: one.ms, y: one.quality })),
      ),
      x: TIME,
      y: quality,
    }),
    overlay({
      id: "together-quality",
      title: "Quality against steps",
      description: `${ranking} against sampling steps; one pass stands at one.`,
      rows: of((view) =>
        qualityPoints(view).flatMap((point) => {
          const reading = readingNamed(point, RANKING);
          return reading ? [{ ...point, x: point.steps, y: reading.value }] : [];
        }),
      ),
      x: STEPS,
      y: quality,
    }),
    overlay({
      id: "together-latency",
      title: "Time against steps",
      description: "Time per image against sampling steps at the smallest batch.",
      rows: of((view) =>
        latencyRows(view)
          .filter(({ batch }) => batch === smallest(view))
          .map((row) => ({ ...row, x: row.steps, y: row.msPerImage })),
      ),
      x: STEPS,
      y: TIME,
    }),
  ].flatMap((chart) => chart ?? []);
}

type Wish = typeof TIME | typeof STEPS | { readonly title: string; readonly scale: "log" };

function overlay({
  description,
  rows,
  x,
  y,
  ...words
}: Pick<Chart, "id" | "title" | "description"> & {
  readonly rows: readonly Measured[];
  readonly x: Wish;
  readonly y: Wish;
}): Chart | undefined {
  const shown = (wish: Wish, value: number) => (wish === TIME ? formatMs(value) : value);
  const lines = new Map<string, string>();
  for (const { run, ...row } of rows) if (!lines.has(run.name)) lines.set(run.name, seriesKey(row));
  return plot({
    ...words,
    description: `${description} ${SYMBOLS}`,
    height: 300,
    rows: rows.toSorted((a, b) => a.place - b.place || a.x - b.x),
    columns: {
      run: ({ run }) => run.name,
      setting: ({ run, ...row }) => describeSetting(run, row),
      [x.title]: (row) => shown(x, row.x),
      [y.title]: (row) => shown(y, row.y),
    },
    x: { ...x, of: (row) => row.x },
    y: { ...y, of: (row) => row.y },
    // neighbours differ most: cool and warm in turn
    line: ({ run, place, model }) => ({
      label: run.name,
      color: colorAt(place % 2 === 0 ? "diffusion" : "gan", Math.floor(place / 2)),
      symbol: isOnePass(run, model) ? "diamond" : "circle",
    }),
    apart: seriesKey,
    once: true,
  });
}
