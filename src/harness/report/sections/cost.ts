/** Whether time can be told from arithmetic: a cost model, fitted to some sizes and held against others. */
import type { Cell, Run } from "../../record/index.ts";
import { costFits, formatMs, formatNumber, formatPercent, plural } from "../analysis/index.ts";
import { costCharts } from "../charts/cost-model.ts";
import { charts, type Section } from "./section.ts";

export function costSection(run: Run, cells: readonly Cell[]): Section {
  const fits = costFits(cells);
  return {
    id: "cost",
    title: "Cost model",
    introduction:
      fits.length === 0
        ? "Not measured: time of an evaluation over network sizes."
        : fits
            .map(({ family, overheadMs, msPerFlop, heldOut }) => {
              const rate =
                msPerFlop > 0 ? `${formatNumber(1 / (msPerFlop * 1e6))} GFLOP/s` : "no measurable rate";
              const error = heldOut
                ? `wrong by ${formatPercent(heldOut.median)} in the middle and ${formatPercent(heldOut.most)} at most over ${plural(heldOut.n, "size")} it has not seen`
                : "not held against any size";
              return `${family === "gan" ? "GAN" : "Diffusion"}: ${formatMs(overheadMs)} an evaluation and ${rate}, ${error}.`;
            })
            .join(" "),
    parts: charts(costCharts(run, cells)),
    protocol:
      fits.length > 0
        ? [
            "Each size of a family's network is evaluated over and over for some seconds; its time is the median, its bar the quartiles. The fit minimises relative errors and leaves the held-out sizes alone.",
            "The time of a request is about that of its evaluations; multiply by the steps.",
          ]
        : [],
  };
}
