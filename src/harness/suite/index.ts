export { withBudgets } from "./budgets.ts";
export { canonicalJson, hashOf } from "./hash.ts";
export { locateSuite, suiteNames, suitesFolder } from "./locate.ts";
export { type Override, override, parseOverride } from "./override.ts";
export { located, type Origin } from "./places.ts";
export { openSuite, type ResolvedSuite, readSuite, resolveSuite } from "./resolve.ts";
export { type ModelConfig, type SamplingSweep, type SuiteConfig, suiteSchema } from "./schema.ts";
