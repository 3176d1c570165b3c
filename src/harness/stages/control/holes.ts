/** Holes filled, as a table. */
import { table } from "../../tables/index.ts";
import * as c from "../readout/columns.ts";
import { askedShare, type HoleRow, holeRows } from "./tables.ts";

const againstReference = ({ images, filled }: HoleRow): string =>
  `n ${images} against ${filled?.reference}, whole sets`;

export const inpainting = table({
  name: "inpainting",
  describe:
    "Holes in real images, filled; one row a model, seed, mask and what it was told. Times stand in stage_time.csv.",
  rows: holeRows,
  columns: (column) => ({
    model: c.model,
    seed: c.seed,
    mask: column("kind of hole", (row) => row.mask, { title: "hole" }),
    told: column(
      "yes where the model was told the true label, no where it was not; empty where that was not recorded",
      ({ filled }) => filled && (filled.told ? "yes" : "no"),
    ),
    missing: column("share of pixels that are missing", (row) => row.missing, { unit: "share" }),
    images: column("real images filled", (row) => row.images, { unit: "images" }),
    network_evaluations: c.networkEvaluations,
    rmse: column(
      "root mean squared error of the missing pixels, pixel range -1 to 1; a perfect model's is above the mean fill's where the hole leaves much open, so it is not judged",
      (row) => row.error.value,
    ),
    rmse_low: column("lower end of its bootstrap interval over images", (row) => row.error.low),
    rmse_high: column("upper end of its bootstrap interval over images", (row) => row.error.high),
    confidence: column("confidence of the interval", (row) => row.error.confidence),
    mean_fill_rmse: column(
      "the same with the hole filled by the training images' mean",
      (row) => row.meanFillError,
      { title: "mean fill" },
    ),
    accuracy: column(
      "share of filled images that the classifier gives the true label",
      (row) => row.accuracy,
      { title: "label kept", reads: { ...askedShare, judge: 1 } },
    ),
    accuracy_low: column("lower end of its Wilson interval", ({ filled }) => filled?.accuracy.low),
    accuracy_high: column("upper end of its Wilson interval", ({ filled }) => filled?.accuracy.high),
    real_accuracy: column(
      "the same of the images without holes",
      ({ filled }) => filled?.real.accuracy.value,
      {
        title: "label of the whole image",
      },
    ),
    reference: column("images of the reference of FID and KID", ({ filled }) => filled?.reference, {
      unit: "images",
    }),
    fid: column("FID of the filled images", ({ filled }) => filled?.fid, {
      title: "FID",
      reads: { judge: 1, protocol: againstReference },
    }),
    real_fid: column("FID of the same images without holes", ({ filled }) => filled?.real.fid, {
      title: "FID of whole images",
    }),
    kid: column("KID of the filled images, without FID's bias at small n", ({ filled }) => filled?.kid, {
      title: "KID",
    }),
    real_kid: column("KID of the same images without holes", ({ filled }) => filled?.real.kid),
    fills: column("fills of a hole that diversity is taken over", ({ filled }) => filled?.fills),
    repeated: column("images whose holes were filled so often", ({ filled }) => filled?.repeated, {
      unit: "images",
    }),
    diversity: column(
      "root mean squared difference of two fills of one hole, in the unit of rmse and its equal for draws from the true distribution",
      ({ filled }) => filled?.diversity,
    ),
  }),
});
