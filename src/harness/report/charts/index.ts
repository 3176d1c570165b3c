/** Charts: what one is, and how it is drawn. Sections choose which ones stand where. */
export type { Chart, DataTable, LegendEntry } from "./chart.ts";
export { type RenderedChart, renderChart } from "./render.ts";
