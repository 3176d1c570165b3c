export { adaptSuite, pictureNotes } from "./adapt.ts";
export { suiteJsonSchema } from "./json-schema.ts";
export { locateSuite, suiteNames, suitesFolder } from "./locate.ts";
export { type Override, override, parseOverride, withBudgets } from "./override.ts";
export type { JudgeSpec, SamplingSweep } from "./parts.ts";
export { located } from "./places.ts";
export { openSuite, resolveSuite, type Stated } from "./resolve.ts";
export { type ModelConfig, type SuiteConfig, suiteSchema } from "./schema.ts";
export { runConfig, type Tuned, tuneConfig, withTuning } from "./tuning.ts";
