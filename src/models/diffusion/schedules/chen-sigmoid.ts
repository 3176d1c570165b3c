import * as z from "zod";
import { options, positive } from "../../config.ts";
import { boundGamma, discretise, type Schedule, sigmoid } from "./contract.ts";

const shape = {
  start: z.number().default(-3).describe("where on the sigmoid the process starts"),
  end: z.number().default(3).describe("where on the sigmoid it ends"),
  tau: positive.default(1).describe("temperature: the smaller, the steeper the middle"),
};
/** Of the sigmoid itself, shared with the schedule that applies it to logSNR. */
export const sigmoidShape = shape;
export const ascending = [
  ({ start, end }: { start: number; end: number }) => start < end,
  { error: "start is not below end" },
] as const;

const schema = options({ name: z.literal("chen-sigmoid"), ...shape }).refine(...ascending);

/** v(x) = sigmoid(x / tau), from v(start) to v(end). Chen 2023 (arXiv:2301.10972), algorithm 1; Jabri et al. 2022. */
export const chenSigmoid: Schedule<typeof schema> = {
  title: "sigmoid (start, end, tau)",
  paper: "arXiv:2301.10972",
  options: schema,
  alphaBar: (timesteps, options) => discretise((t) => sigmoidFall(t, options), timesteps),
  gamma: (t, options) => boundGamma(sigmoidFall(t, options)),
};

/** (v(end) - v(x)) / (v(end) - v(start)) at x = start + t (end - start): from 1 to 0, unbounded. */
export function sigmoidFall(
  t: number,
  { start, end, tau }: { readonly start: number; readonly end: number; readonly tau: number },
): number {
  // 1 - v, because differences near v = 1 would round away
  const left = (x: number) => sigmoid(-x / tau);
  return (left(t * (end - start) + start) - left(end)) / (left(start) - left(end));
}
