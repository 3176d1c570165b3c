/** The run folder's records: what they are, and how they are read back. */
export * from "./read.ts";
export * from "./schema.ts";
