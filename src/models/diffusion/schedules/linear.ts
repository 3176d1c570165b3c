import * as z from "zod";
import { flag, options } from "../../config.ts";
import { alphaBarOf, type Schedule } from "./contract.ts";

/** Of the schedules that are defined by the variances of their first and last step. */
export const betas = {
  betaStart: z.number().gt(0).lt(1).default(1e-4).describe("variance added by the first step"),
  betaEnd: z.number().gt(0).lt(1).default(0.02).describe("variance added by the last step"),
};
export const rising = [
  ({ betaStart, betaEnd }: { betaStart: number; betaEnd: number }) => betaStart <= betaEnd,
  { error: "betaStart is above betaEnd: noise is added ever faster" },
] as const;

/** `count` numbers at equal distances, both ends among them. */
export const atEqualDistances = (count: number, first: number, last: number) =>
  Float64Array.from(
    { length: count },
    (_, i) => first + i * (count === 1 ? 0 : (last - first) / (count - 1)),
  );

const schema = options({
  name: z.literal("linear"),
  ...betas,
  scaled: flag
    .default(false)
    .describe("multiply both by 1000 / timesteps, so that fewer steps end as noisy as 1000 do"),
}).refine(...rising);

/** Betas at equal distances. Ho et al. 2020 (arXiv:2006.11239), section 4; `scaled` as in Nichol & Dhariwal's code. */
export const linear: Schedule<typeof schema> = {
  title: "linear beta",
  paper: "arXiv:2006.11239",
  options: schema,
  alphaBar(timesteps, { betaStart, betaEnd, scaled }) {
    const scale = scaled ? 1000 / timesteps : 1;
    return alphaBarOf(atEqualDistances(timesteps, betaStart, betaEnd).map((beta) => scale * beta));
  },
};
