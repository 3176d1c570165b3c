/** From records to what the report says beside its sections: pure functions, no rendering. */
export * from "./decision.ts";
export * from "./decision-data.ts";
export * from "./findings.ts";
export * from "./status.ts";
export * from "./tuning.ts";
