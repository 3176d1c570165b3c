/** Tables made from a run's records, and what is derived from them. No engine, no rendering. */
export * from "./metrics.ts";
export * from "./numbers.ts";
export * from "./over-seeds.ts";
export * from "./readings.ts";
export * from "./reads.ts";
export * from "./row-link.ts";
export * from "./seeds.ts";
export * from "./settings.ts";
export * from "./table.ts";
export * from "./view.ts";
