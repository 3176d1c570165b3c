/** What a test starts with node: the command from its sources, from the bundle, and with fake stages. */
import { join, resolve } from "node:path";
import { inject } from "vitest";

/** As it runs in a clone, by way of tsx. */
export const sources = resolve("bin/bench.js");

export const bench = join(inject("bundle"), "bench.mjs");

/** See fake-bench.ts. */
export const fakeBench = join(inject("bundle"), "fake-bench.mjs");
