/** The decision: from a table of settings and stated requirements to an answer in words. Runs in Node and in the page. */
export * from "./answer.ts";
export * from "./candidates.ts";
export * from "./certainty.ts";
export * from "./choose.ts";
export * from "./requirements.ts";
export * from "./turns.ts";
export { labelWords, questionOf, shares } from "./words.ts";
