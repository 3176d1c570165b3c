import * as z from "zod";
import { options } from "../../config.ts";
import { alphaBarOf, type Schedule } from "./contract.ts";

const schema = options({
  name: z.literal("cosine"),
  offset: z.number().min(0).default(0.008).describe("s: keeps the first steps' noise from vanishing"),
  maxBeta: z.number().gt(0).lt(1).default(0.999).describe("bound of one step's variance"),
});

/** alphaBar = cos^2. Nichol & Dhariwal 2021 (arXiv:2102.09672), eq. 17. */
export const cosine: Schedule<typeof schema> = {
  title: "cosine",
  paper: "arXiv:2102.09672",
  options: schema,
  alphaBar(timesteps, { offset, maxBeta }) {
    const f = (i: number) => Math.cos(((i / timesteps + offset) / (1 + offset)) * (Math.PI / 2)) ** 2;
    return alphaBarOf(
      Float64Array.from({ length: timesteps }, (_, i) => Math.min(1 - f(i + 1) / f(i), maxBeta)),
    );
  },
};
