import { records } from "../analysis/index.ts";
import * as c from "./columns.ts";
import { table } from "./table.ts";

export const stability = table({
  describe: "Statistics of each training curve; one row a model, seed and quantity.",
  columns: {
    model: c.model,
    seed: c.seed,
    outcome: c.outcome,
    quantity: c.quantity,
    count: { meaning: "values of the curve" },
    mean: { meaning: "mean of the values" },
    sd: { meaning: "standard deviation of the values" },
    coefficient_of_variation: {
      meaning: "sd / |mean| over the second half of training; empty where the mean is 0",
    },
    spike_score: {
      meaning:
        "share of values at least 7 sd from the rolling mean of up to 1,000 before them; empty below 128 values",
    },
    spikes: { meaning: "values that the spike score counts" },
    oscillation_period: {
      unit: "values",
      meaning: "period of the strongest periodic part; empty where the curve is too short or constant",
    },
    oscillation_share: { meaning: "share of the curve's variance in it" },
    oscillation_p: { meaning: "chance of as strong a part in a curve without one, Fisher's test" },
    first: { meaning: "first value" },
    last: { meaning: "last value" },
  },
  rows(_run, cells) {
    return records(cells, "stability").flatMap(({ model, seed, outcome, statistics }) =>
      statistics.map((one) => ({
        model,
        seed,
        outcome,
        quantity: one.quantity,
        count: one.count,
        mean: one.mean,
        sd: one.sd,
        coefficient_of_variation: one.coefficientOfVariation,
        spike_score: one.spikeScore,
        spikes: one.spikes.length,
        oscillation_period: one.oscillation?.period,
        oscillation_share: one.oscillation?.share,
        oscillation_p: one.oscillation?.p,
        first: one.first,
        last: one.last,
      })),
    );
  },
});
