/** Sampling, inpainting and pictures of them, for any trained denoiser. */
import type { Model } from "../contract.ts";
import type { Denoiser } from "./denoiser.ts";
import { illustrateSampling } from "./illustration.ts";
import { compileInpainter } from "./inpainting.ts";
import { trajectory } from "./respacing.ts";
import { compileLoop, stagesOf, streamsOf } from "./sample.ts";
import { anyMethod, type Method } from "./setting.ts";

/** How a model samples, inpaints and shows itself, given its denoiser and, for a student, its method. */
export function samplingOf(
  denoiser: Denoiser,
  method: Method = anyMethod(denoiser),
): Pick<Model, "checkSetting" | "generator" | "inpainter" | "illustrate"> {
  return {
    checkSetting(setting) {
      method.plan(setting);
    },

    async generator(engine, state, setting, batch) {
      const { sampler, retained, clipping, guidance } = method.plan(setting);
      const stages = stagesOf(denoiser, sampler, trajectory(denoiser.alphaBar, retained));
      const weights = method.weights(state, setting.steps);
      const loop = await compileLoop(engine, { denoiser, weights, stages, clipping, guidance, batch });
      return {
        batch,
        networkEvaluations: loop.networkEvaluations,
        compileMs: loop.compileMs,
        generate: (stream, firstIndex, labels) => loop.run(streamsOf(stream, firstIndex, batch), labels),
        dispose: () => loop.dispose(),
      };
    },

    inpainter: (engine, state, options, batch) =>
      compileInpainter(engine, { denoiser, method, state, options, batch }),

    illustrate: (engine, state, setting, stream, shape) =>
      illustrateSampling(engine, { denoiser, method, state, setting, stream, shape }),
  };
}
