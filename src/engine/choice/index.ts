export type { OpenOptions } from "../contract.ts";
export {
  chooseEngine,
  type EngineChoice,
  type EngineRequest,
  examineLadder,
  type Refusal,
  type RungReport,
} from "./choose.ts";
export {
  formatProbe,
  type Probe,
  type ProbeOptions,
  type ProbeResult,
  probeHere,
  probeInChild,
} from "./probe.ts";
export { openEngine, type RungId } from "./rungs.ts";
