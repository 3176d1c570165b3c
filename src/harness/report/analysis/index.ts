/** From records to what the report shows: pure functions, no rendering. */
export * from "./cells.ts";
export * from "./certainty.ts";
export * from "./decision.ts";
export * from "./decision-data.ts";
export * from "./findings.ts";
export * from "./format.ts";
export * from "./front.ts";
export * from "./latency.ts";
export * from "./options.ts";
export * from "./quality.ts";
export * from "./settings.ts";
export * from "./status.ts";
export * from "./training.ts";
