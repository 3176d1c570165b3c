import * as z from "zod";
import { options } from "../../config.ts";
import { type Schedule, sigmoid } from "./contract.ts";
import { discretiseLogSnr, logSnrShape, narrowing } from "./logsnr.ts";

const schema = options({ name: z.literal("cosine-logsnr"), ...logSnrShape }).refine(...narrowing);

/**
 * lambda = -2 ln tan(a t + b): the cosine schedule cut to a range of logSNR. Salimans & Ho 2022 (arXiv:2202.00512),
 * appendix; Hoogeboom et al. 2023 (arXiv:2301.11093).
 */
export const cosineLogSnr: Schedule<typeof schema> = {
  title: "cosine (logSNR)",
  paper: "arXiv:2202.00512",
  options: schema,
  alphaBar: (timesteps, options) => discretiseLogSnr((t) => logSnr(t, options), timesteps),
  gamma: (t, options) => sigmoid(logSnr(t, options)),
};

function logSnr(t: number, { logSnrMin, logSnrMax }: z.infer<typeof schema>): number {
  const b = Math.atan(Math.exp(-logSnrMax / 2));
  const a = Math.atan(Math.exp(-logSnrMin / 2)) - b;
  return -2 * Math.log(Math.tan(a * t + b));
}
