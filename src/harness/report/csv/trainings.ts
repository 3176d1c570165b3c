import type { Quality } from "../../record/index.ts";
import { baseName, records } from "../analysis/index.ts";
import * as c from "./columns.ts";
import { table } from "./table.ts";

const fid = (quality: Quality | undefined): number | undefined =>
  quality?.metrics.find(({ metric }) => baseName(metric) === "fid")?.value;

export const trainings = table({
  describe: "How each training ended; one row a model and seed.",
  columns: {
    model: c.model,
    seed: c.seed,
    outcome: c.outcome,
    diverged_step: { meaning: "training step at which it left the finite numbers" },
    diverged_quantity: { meaning: "recorded quantity that was no number first" },
    sampler: c.sampler,
    steps: { meaning: "sampling steps of the snapshots' samples" },
    n: c.n,
    best_step: { meaning: "training step of the best snapshot, chosen on other samples" },
    best_fid: { meaning: "its FID on fresh samples" },
    final_step: { meaning: "training step of the final weights" },
    final_fid: { meaning: "their FID on fresh samples" },
    final_over_best: { meaning: "final_fid / best_fid" },
    modes: { meaning: "modes that final samples reach" },
    real_modes: { meaning: "modes that as many real images reach" },
    collapse_threshold: { meaning: "collapsed below this share of real_modes" },
    collapsed: { meaning: "1 or 0; empty where modes were not counted" },
    saturation_threshold: { meaning: "discriminator accuracy from which a step counts as saturated" },
    saturation_share: { meaning: "share of such steps in the second half of training; a GAN's alone" },
  },
  rows(_run, cells) {
    return records(cells, "stability").map(
      ({ model, seed, outcome, divergence, quality, collapse, saturation }) => ({
        model,
        seed,
        outcome,
        diverged_step: divergence?.step,
        diverged_quantity: divergence?.quantity,
        sampler: quality?.sampler,
        steps: quality?.steps,
        n: quality?.final.quality.n,
        best_step: quality?.best.step,
        best_fid: fid(quality?.best.quality),
        final_step: quality?.final.step,
        final_fid: fid(quality?.final.quality),
        final_over_best: quality?.finalOverBest,
        modes: collapse?.modes,
        real_modes: collapse?.realModes,
        collapse_threshold: collapse?.threshold,
        collapsed: collapse && Number(collapse.collapsed),
        saturation_threshold: saturation?.threshold,
        saturation_share: saturation?.share,
      }),
    );
  },
});
