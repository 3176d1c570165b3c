/** The parts of a model that every trained denoiser shares: sampling, inpainting and pictures of them, its facts and state. */
import type { Model, State } from "../contract.ts";
import type { TrainedNetwork } from "../nn/index.ts";
import type { Denoiser } from "./denoiser.ts";
import { illustrateSampling } from "./illustration.ts";
import { compileInpainter } from "./inpainting.ts";
import { trajectory } from "./respacing.ts";
import { compileLoop, passOf, streamsOf, updatesOf } from "./sample.ts";
import { anyMethod, type Method } from "./setting.ts";

/** How a model samples, inpaints and shows itself, given its denoiser and, for a student, its method. */
export function samplingOf(
  denoiser: Denoiser,
  method: Method = anyMethod(denoiser),
): Pick<Model, "checkSetting" | "recipe" | "generator" | "inpainter" | "illustrate"> {
  return {
    checkSetting(setting) {
      method.plan(setting);
    },

    recipe(setting) {
      const { alphaBar, inputScale, target } = denoiser;
      const { sampler, retained, clipping, guidance } = method.plan(setting);
      const updates = updatesOf(denoiser, sampler, trajectory(alphaBar, retained));
      return {
        alphaBar: [...alphaBar],
        inputScale,
        target: target.title,
        clipping: clipping.kind === "static" ? { ...clipping, limit: inputScale } : clipping,
        guidance,
        updates: updates.map(({ level: _, ...update }) => update),
      };
    },

    async generator(engine, state, setting, batch) {
      const loop = await compileLoop(engine, passOf(denoiser, method, state, setting, batch));
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

/** A network in training as a model; its title, description, training step and feed are the caller's to add. */
export function denoisingModel(
  denoiser: Denoiser,
  weights: TrainedNetwork,
  flopsPerEvaluation: number,
  method?: Method,
) {
  const { size, channels, classes } = denoiser;
  return {
    side: "diffusion",
    onePass: false,
    size,
    channels,
    classes,
    parameters: weights.count,
    samplingParameters: weights.count,
    flopsPerEvaluation,
    state: weights.state,
    initialState: (stream) => weights.initialState(stream),
    quantities: ["loss", "gradient_norm"],
    parameterAt: (tensor, index) => weights.parameterAt(tensor, index) ?? tensor,
    averaged: weights.averaged,
    samplingWeights: (state) => ({ weights: weights.forSampling(state) }),
    ...(weights.averaged && { rawWeights: (state: State) => ({ weights: weights.raw(state) }) }),
    ...samplingOf(denoiser, method),
  } satisfies Partial<Model>;
}
