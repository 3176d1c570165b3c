import { records } from "../analysis/index.ts";
import * as c from "./columns.ts";
import { table } from "./table.ts";

export const forward = table({
  describe: "The forward process of each diffusion model; one row a model and step.",
  columns: {
    model: c.model,
    schedule: { meaning: "noise schedule with its options" },
    timesteps: { meaning: "steps of the whole process" },
    input_scale: { meaning: "factor b on the images before noise (Chen 2023); 1 for none" },
    step: { meaning: "step of the process, from 1" },
    alpha_bar: { meaning: "share of the variance that is signal" },
    log_snr: { meaning: "natural logarithm of signal over noise variance, input scaling included" },
    terminal_snr: { meaning: "signal-to-noise ratio at the last step, the same in every row of a model" },
    gone_share: { meaning: "share of all steps whose signal-to-noise ratio is below gone_below" },
    gone_below: { meaning: "signal-to-noise ratio below which a step teaches little" },
  },
  rows(_run, cells) {
    return records(cells, "forward").flatMap((record) =>
      record.steps.map((step, i) => ({
        model: record.model,
        schedule: record.schedule,
        timesteps: record.timesteps,
        input_scale: record.inputScale,
        step,
        alpha_bar: record.alphaBar[i],
        log_snr: record.logSnr[i],
        terminal_snr: record.terminalSnr,
        gone_share: record.goneShare,
        gone_below: record.goneBelow,
      })),
    );
  },
});
