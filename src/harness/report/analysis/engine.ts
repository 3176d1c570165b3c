/** What computed a run's numbers, in words. */
import type { Run } from "../../record/index.ts";

/** `onnx/cpu`, and what it sampled in where that is not float32. */
export const engineWords = ({ name, provider, precision = "float32" }: Run["engine"]): string =>
  `${name}/${provider}${precision === "float32" ? "" : `, sampling in ${precision}`}`;

/** Whether the precision of its samples is worked out in float32, as on the processor: slower than either. */
export const emulatesPrecision = ({ provider, precision }: Run["engine"]): boolean =>
  precision === "float16" && provider === "cpu";
