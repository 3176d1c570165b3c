/** The run folder's records: what they are, and how they are read back. Report and compare read nothing else. */
export * from "../stages/records.ts";
export * from "./cell.ts";
export * from "./metrics.ts";
export * from "./parts.ts";
export * from "./place.ts";
export * from "./quantities.ts";
export * from "./read.ts";
export * from "./run.ts";
export * from "./setting-label.ts";
export * from "./stacked.ts";
export * from "./tuning.ts";
export { changesOfVersion2 } from "./version2.ts";
