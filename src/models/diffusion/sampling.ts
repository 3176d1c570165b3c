/** Sampling, inpainting and pictures of them, for any trained denoiser. */
import type { Model } from "../contract.ts";
import type { Denoiser } from "./denoiser.ts";
import { illustrateSampling } from "./illustration.ts";
import { compileInpainter } from "./inpainting.ts";
import { trajectory } from "./respacing.ts";
import { compileLoop, stagesOf, streamsOf } from "./sample.ts";
import { planOf } from "./setting.ts";

/** How a model samples, inpaints and shows itself, given its denoiser; its sampling weights are `weights` of the state. */
export function samplingOf(
  denoiser: Denoiser,
): Pick<Model, "checkSetting" | "generator" | "inpainter" | "illustrate"> {
  return {
    checkSetting(setting) {
      planOf(denoiser, setting);
    },

    async generator(engine, { weights }, setting, batch) {
      const { sampler, retained, clipping, guidance } = planOf(denoiser, setting);
      const stages = stagesOf(denoiser, sampler, trajectory(denoiser.alphaBar, retained));
      const loop = await compileLoop(engine, {
        denoiser,
        weights: weights!,
        stages,
        clipping,
        guidance,
        batch,
      });
      return {
        batch,
        networkEvaluations: loop.networkEvaluations,
        compileMs: loop.compileMs,
        generate: (stream, firstIndex, labels) => loop.run(streamsOf(stream, firstIndex, batch), labels),
        dispose: () => loop.dispose(),
      };
    },

    inpainter: (engine, { weights }, options, batch) =>
      compileInpainter(engine, { denoiser, weights: weights!, options, batch }),

    illustrate: (engine, { weights }, setting, stream, shape) =>
      illustrateSampling(engine, { denoiser, weights: weights!, setting, stream, shape }),
  };
}
