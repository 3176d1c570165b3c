/** Statistics on the host, in float64: estimates, intervals, tests, and what they need. */
export * from "./bootstrap.ts";
export * from "./change-points.ts";
export * from "./drift.ts";
export * from "./holm.ts";
export * from "./mann-whitney.ts";
export * from "./permutation.ts";
export * from "./power.ts";
export * from "./robust.ts";
export * from "./signed-rank.ts";
export * from "./spectrum.ts";
export * from "./student.ts";
export * from "./summary.ts";
export * from "./usable.ts";
