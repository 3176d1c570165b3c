import { arrangement } from "./arrangement.ts";
import { convolutions } from "./convolution.ts";
import { registerLowerings } from "./define.ts";
import { elementwise } from "./elementwise.ts";
import { linear } from "./linear.ts";
import { maps } from "./maps.ts";
import { reductions } from "./reduction.ts";

/** Every TF.js kernel with an ONNX lowering; a contract test runs each against the reference engine. */
export const lowerings = {
  ...elementwise,
  ...reductions,
  ...arrangement,
  ...linear,
  ...convolutions,
  ...maps,
};

let registered = false;

export function registerTraceKernels(): void {
  if (registered) return;
  registered = true;
  registerLowerings(lowerings);
}
