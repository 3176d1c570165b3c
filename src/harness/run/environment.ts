/** The harness and the machine that a record comes from. */
import { totalmem } from "node:os";
import manifest from "../../../package.json" with { type: "json" };
import { availableCores, processorModel } from "../../engine/choice/hardware.ts";
import type { Environment } from "../record/index.ts";

/** Version of the harness, as published. */
export const version: string = manifest.version;

/** This machine as a record describes it; never its name. */
export function environment(): Environment {
  return {
    harness: version,
    node: process.versions.node,
    platform: process.platform,
    arch: process.arch,
    cpu: processorModel(),
    cores: availableCores(),
    memoryGiB: Math.round((totalmem() / 2 ** 30) * 10) / 10,
  };
}
