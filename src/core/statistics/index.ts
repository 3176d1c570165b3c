/** Statistics on the host, in float64: estimates, intervals, tests, and the distributions that they need. */
export * from "./agreement.ts";
export * from "./change-points.ts";
export * from "./descriptive.ts";
export * from "./distributions.ts";
export * from "./drift.ts";
export * from "./intervals.ts";
export * from "./outliers.ts";
export * from "./power.ts";
export * from "./ranks.ts";
export * from "./significance.ts";
export * from "./spectrum.ts";
export * from "./usable.ts";
