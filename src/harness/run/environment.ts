import { totalmem } from "node:os";
import { availableCores, processorModel } from "../../engine/choice/hardware.ts";
import type { Environment } from "../record/index.ts";
import { version } from "./version.ts";

/** What this machine is to a record; never its name. */
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
