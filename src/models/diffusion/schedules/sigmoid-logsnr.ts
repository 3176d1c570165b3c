import * as z from "zod";
import { options } from "../../config.ts";
import { ascending, sigmoidFall, sigmoidShape } from "./chen-sigmoid.ts";
import { type Schedule, sigmoid } from "./contract.ts";
import { discretiseLogSnr, logSnrShape, narrowing } from "./logsnr.ts";

const schema = options({ name: z.literal("sigmoid-logsnr"), ...logSnrShape, ...sigmoidShape })
  .refine(...narrowing)
  .refine(...ascending);

/**
 * logSNR itself falls along the sigmoid of Chen 2023 (arXiv:2301.10972), from logSnrMax to logSnrMin. The name is used
 * without a canonical source; this is the definition taken here.
 */
export const sigmoidLogSnr: Schedule<typeof schema> = {
  title: "sigmoid (logSNR)",
  paper: "arXiv:2301.10972",
  options: schema,
  alphaBar: (timesteps, options) => discretiseLogSnr((t) => logSnr(t, options), timesteps),
  gamma: (t, options) => sigmoid(logSnr(t, options)),
};

function logSnr(t: number, options: z.infer<typeof schema>): number {
  const { logSnrMin, logSnrMax } = options;
  return logSnrMin + (logSnrMax - logSnrMin) * sigmoidFall(t, options);
}
