export type { ShardFolder } from "./check.ts";
export { type Merge, mergeShards } from "./merge.ts";
