/** How good the judges are. */
import { share, table, type View } from "../../tables/index.ts";

export const judges = table({
  name: "classifiers",
  describe: "Accuracy of each classifier on held-out real images.",
  internal: true,
  rows: (view: View) =>
    view.done("classifier").map(({ id: cell, record: { target, architecture, accuracy } }) => ({
      cell,
      place: ["classifier", architecture],
      target,
      accuracy,
    })),
  columns: (column) => ({
    accuracy: column("share of held-out real images that are classified rightly", (row) => row.accuracy, {
      unit: "share",
      reads: {
        direction: "higher",
        protocol: ({ target }) => `held-out images, by ${target}`,
        change: share,
      },
    }),
  }),
});
