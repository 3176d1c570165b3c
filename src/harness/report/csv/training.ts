import { doneCells } from "../analysis/index.ts";
import * as c from "./columns.ts";
import { table } from "./table.ts";

export const training = table({
  describe: "Every recorded value over training; one row a cell, quantity and step.",
  columns: {
    cell: { meaning: "id of the train cell" },
    model: c.model,
    seed: c.seed,
    step: { meaning: "training step, from 1" },
    images_seen: c.imagesSeen,
    quantity: c.quantity,
    value: { meaning: "value at this step" },
  },
  rows(run, cells) {
    return doneCells(cells, "train").flatMap(({ id, record }) => {
      const batch = run.models.find((model) => model.id === record.model)?.batch;
      return record.curves.flatMap(({ quantity, steps, values }) =>
        values.map((value, i) => ({
          cell: id,
          model: record.model,
          seed: record.seed,
          step: steps[i],
          images_seen: batch === undefined ? undefined : steps[i]! * batch,
          quantity,
          value,
        })),
      );
    });
  },
});
