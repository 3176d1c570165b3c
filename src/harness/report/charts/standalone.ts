/** A chart as a file of its own: title, description and legend inside, colours in place of the page's variables. */
import type { TopLevelSpec } from "vega-lite";
import type { Chart, LegendEntry } from "./chart.ts";
import { coloured, type Palette } from "./palette.ts";
import { config, vegaShape } from "./theme.ts";

/** Pixels of the drawing at most, so that its text stays legible in a column. */
const WIDEST = 640;

/** A Vega-Lite specification with its data, for an editor or any Vega-Lite renderer. */
export function standaloneSpec({ title, description, notes, legend, spec }: Chart, palette: Palette) {
  const { autosize: _, ...drawn } = spec; // words around the drawing must not make it smaller
  const width = "width" in spec && typeof spec.width === "number" ? Math.min(spec.width, WIDEST) : undefined;
  const layers =
    "layer" in spec && legend.length > 0 ? [...spec.layer, legendLayer(legend, width ?? WIDEST)] : undefined;
  const whole = {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    description: [title, description, ...notes].join(" "),
    title: {
      text: title,
      subtitle: lines(description, (width ?? WIDEST) / 5.4),
      anchor: "start",
      color: "var(--ink)",
      subtitleColor: "var(--muted)",
      offset: 12,
    },
    ...drawn,
    ...(width !== undefined && { width }),
    ...(layers && {
      layer: layers,
      resolve: {
        scale: { color: "independent", fill: "independent", stroke: "independent", shape: "independent" },
      }, // the legend's scales are its own
    }),
    background: "var(--surface)",
    padding: 16,
    config: {
      ...config,
      background: "var(--surface)",
      legend: { labelColor: "var(--ink)", labelLimit: 0 },
    },
  };
  return coloured(withoutHalos(whole), palette) as unknown as TopLevelSpec;
}

/** Labels without the outline that the page's style puts behind them; elsewhere it would be drawn over them. */
function withoutHalos<T>(value: T): T {
  const read = JSON.stringify(value, (key, inner: unknown) => {
    if (key !== "mark" || typeof inner !== "object" || inner === null || !("type" in inner)) return inner;
    if (inner.type !== "text") return inner;
    const { stroke: _, strokeWidth: __, ...mark } = inner as Record<string, unknown>;
    return mark;
  });
  return JSON.parse(read) as T;
}

/** Draws nothing but the legend: the entries that the page writes beside the chart. */
function legendLayer(legend: readonly LegendEntry[], width: number) {
  const labels = legend.map(({ label }) => label);
  const scale = (range: readonly string[]) => ({ domain: labels, range });
  const columns = Math.max(
    1,
    Math.floor(width / (30 + 6.2 * Math.max(...labels.map(({ length }) => length)))),
  );
  const channel = (range: readonly string[]) => ({
    field: "label",
    type: "nominal",
    scale: scale(range),
    legend: { orient: "top", title: null, columns, symbolOpacity: 1, symbolStrokeWidth: 2, symbolSize: 70 },
  });
  const color = channel(legend.map(({ color }) => color));
  return {
    data: { values: labels.map((label) => ({ label })) },
    mark: { type: "point", opacity: 0 },
    encoding: {
      fill: color,
      stroke: color,
      shape: channel(legend.map(({ symbol }) => symbolShape(symbol))),
    },
  } as never; // typed loosely here, held to the schema by the test that compiles every chart
}

const symbolShape = (symbol: LegendEntry["symbol"]): string =>
  symbol === "line" || symbol === "dashed" ? "stroke" : vegaShape(symbol);

/** `text` in lines of up to `length` characters, broken at spaces. */
function lines(text: string, length: number): string[] {
  const made: string[] = [];
  for (const word of text.split(" ")) {
    const last = made.at(-1);
    if (last === undefined || last.length + word.length >= length) made.push(word);
    else made[made.length - 1] = `${last} ${word}`;
  }
  return made;
}
