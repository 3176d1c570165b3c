export { type EvaluationRequest, evaluate } from "./evaluate.ts";
export { checkOutput, writeOutput } from "./output.ts";
export type { EvaluationResult } from "./result.ts";
export { columns, legend, rows } from "./table.ts";
