/** The forward process of each diffusion model. */
import { table, type View } from "../../tables/index.ts";
import * as c from "../readout/columns.ts";

export const forward = table({
  name: "forward",
  describe: "The forward process of each diffusion model; one row a model and step.",
  rows: (view: View) =>
    view.records("forward").flatMap((record) =>
      record.steps.map((step, i) => ({
        ...record,
        step,
        alphaBar: record.alphaBar[i]!,
        logSnr: record.logSnr[i]!,
      })),
    ),
  columns: (column) => ({
    model: c.model,
    schedule: column("noise schedule with its options", (row) => row.schedule),
    timesteps: column("steps of the whole process", (row) => row.timesteps, { title: "steps" }),
    input_scale: column(
      "factor b on the images before noise (Chen 2023); 1 for none",
      (row) => row.inputScale,
      { title: "input scale" },
    ),
    step: column("step of the process, from 1", (row) => row.step),
    alpha_bar: column("share of the variance that is signal", (row) => row.alphaBar, { title: "alphaBar" }),
    log_snr: column(
      "natural logarithm of signal over noise variance, input scaling included",
      (row) => row.logSnr,
      { title: "ln SNR" },
    ),
    terminal_snr: column(
      "signal-to-noise ratio at the last step, the same in every row of a model",
      (row) => row.terminalSnr,
      { title: "SNR at the last step" },
    ),
    gone_share: column(
      "share of all steps whose signal-to-noise ratio is below gone_below",
      (row) => row.goneShare,
      { unit: "share", title: "steps that teach little" },
    ),
    gone_below: column("signal-to-noise ratio below which a step teaches little", (row) => row.goneBelow, {
      title: "SNR below which a step teaches little",
    }),
  }),
});
