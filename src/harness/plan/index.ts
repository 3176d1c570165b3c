export { type HashedCell, hashCells, inOrder, planCells } from "./plan.ts";
export { divide, type Shard } from "./shards.ts";
export { totalWork, type Work, workOf } from "./work.ts";
