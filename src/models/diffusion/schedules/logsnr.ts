/** What the schedules that are defined by their logSNR, ln(alphaBar / (1 - alphaBar)), have in common. */
import * as z from "zod";
import { sigmoid } from "./contract.ts";

export const logSnrShape = {
  logSnrMin: z.number().min(-60).default(-15).describe("logSNR at the end, natural logarithm"),
  logSnrMax: z.number().max(30).default(15).describe("logSNR at the start, natural logarithm"),
};

export const narrowing = [
  ({ logSnrMin, logSnrMax }: { logSnrMin: number; logSnrMax: number }) => logSnrMin < logSnrMax,
  { error: "logSnrMin is not below logSnrMax" },
] as const;

/** alphaBar = sigmoid(lambda(t)) at steps 1..timesteps. */
export function discretiseLogSnr(lambda: (t: number) => number, timesteps: number): Float64Array {
  return Float64Array.from({ length: timesteps }, (_, i) => sigmoid(lambda((i + 1) / timesteps)));
}
