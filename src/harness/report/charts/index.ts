/** Charts: what one is, and the kinds that sections make. Drawing them loads Vega and stands in `render.ts`. */
export * from "./axis.ts";
export * from "./chart.ts";
export * from "./dots.ts";
export * from "./levels.ts";
export * from "./marks.ts";
export * from "./names.ts";
export * from "./plot.ts";
export * from "./theme.ts";
