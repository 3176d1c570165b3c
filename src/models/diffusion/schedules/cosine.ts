import * as z from "zod";
import { nonNegative, options } from "../../config.ts";
import { boundGamma, discretise, LARGEST_BETA, type Schedule } from "./contract.ts";

const schema = options({
  name: z.literal("cosine"),
  offset: nonNegative.default(0.008).describe("s: keeps the first steps' noise from vanishing"),
  maxBeta: z.number().gt(0).lt(1).default(LARGEST_BETA).describe("bound of one step's variance"),
});

const f = (t: number, offset: number) => Math.cos(((t + offset) / (1 + offset)) * (Math.PI / 2)) ** 2;

/** alphaBar = cos^2. Nichol & Dhariwal 2021 (arXiv:2102.09672), eq. 17. */
export const cosine: Schedule<typeof schema> = {
  title: "cosine",
  paper: "arXiv:2102.09672",
  options: schema,
  alphaBar: (timesteps, { offset, maxBeta }) => discretise((t) => f(t, offset), timesteps, maxBeta),
  gamma: (t, { offset }) => boundGamma(f(t, offset) / f(0, offset)),
};
