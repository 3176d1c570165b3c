import * as z from "zod";
import { fraction, options, positive } from "../../config.ts";
import { boundGamma, discretise, type Schedule } from "./contract.ts";

const schema = options({
  name: z.literal("chen-cosine"),
  start: fraction.default(0).describe("where on the cosine the process starts, 0 to 1"),
  end: z.number().gt(0).max(1).default(1).describe("where on the cosine it ends; at 1 nothing is left"),
  tau: positive.default(1).describe("exponent is 2 tau: above 1, noise comes earlier"),
}).refine(({ start, end }) => start < end, { error: "start is not below end" });

/** v(x) = cos^(2 tau)(x pi / 2), from v(start) to v(end). Chen 2023 (arXiv:2301.10972), algorithm 1. */
export const chenCosine: Schedule<typeof schema> = {
  title: "cosine (start, end, tau)",
  paper: "arXiv:2301.10972",
  options: schema,
  alphaBar: (timesteps, options) => discretise((t) => unbounded(t, options), timesteps),
  gamma: (t, options) => boundGamma(unbounded(t, options)),
};

function unbounded(t: number, { start, end, tau }: z.infer<typeof schema>): number {
  const v = (x: number) => Math.cos((x * Math.PI) / 2) ** (2 * tau);
  const last = end === 1 ? 0 : v(end); // cos(pi / 2) itself rounds to 6e-17
  const here = end === 1 && t === 1 ? 0 : v(t * (end - start) + start);
  return (here - last) / (v(start) - last);
}
