export { type HashedCell, hashCells, inOrder, planCells } from "./plan.ts";
export { totalWork, type Work, workOf } from "./work.ts";
