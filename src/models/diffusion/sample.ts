/** The sampling loop: one compiled program, applied once per stage, whatever the sampler. */
import * as tf from "@tensorflow/tfjs-core";
import { assert } from "../../core/errors.ts";
import type { Compiled, Engine, HostTensor, Program, Signature, Value } from "../../engine/contract.ts";
import type { Generator } from "../contract.ts";
import { scalar } from "../nn/index.ts";
import { denoising } from "./posterior.ts";
import type { Move } from "./respacing.ts";
import type { Sampler, Stage } from "./samplers/index.ts";

/** The network as sampling sees it: x [batch, height, width, channels], t [batch] or [1] -> epsilon, shaped as x. */
export type Denoiser = (weights: tf.Tensor1D, x: tf.Tensor4D, t: tf.Tensor1D) => tf.Tensor4D;

/** Scalar inputs of the program for one stage, float64. */
export interface StageInputs extends Stage {
  readonly t: number;
  /** x0-hat = x denoiseX - epsilon denoiseEpsilon. */
  readonly denoiseX: number;
  readonly denoiseEpsilon: number;
}

/** Every stage of a whole pass, in order. */
export function stagesOf(sampler: Sampler, moves: readonly Move[]): StageInputs[] {
  return moves.flatMap(({ t, from, to }) => {
    const { x: denoiseX, epsilon: denoiseEpsilon } = denoising(from);
    return sampler.stages(from, to).map((stage) => ({ ...stage, t, denoiseX, denoiseEpsilon }));
  });
}

type StageInput = "weights" | "x" | "t" | "denoise_x" | "denoise_epsilon" | "x_factor" | "denoised_factor";
type NoiseInput = "noise" | "noise_factor";

const single = (value: number): HostTensor => ({ shape: [1], data: Float32Array.of(value) });

type StageProgram = Program<StageInput | NoiseInput, "x">;

const programs = new WeakMap<Denoiser, Map<boolean, StageProgram>>();

/** One program per denoiser and kind of pass, so that an engine compiles it once for all samplers and step counts. */
function stageProgram(denoiser: Denoiser, noisy: boolean): StageProgram {
  const known = programs.get(denoiser) ?? new Map<boolean, StageProgram>();
  programs.set(denoiser, known);
  const program = known.get(noisy) ?? writeStage(denoiser, noisy);
  known.set(noisy, program);
  return program;
}

function writeStage(denoiser: Denoiser, noisy: boolean): StageProgram {
  return (inputs) => {
    const x = inputs.x as tf.Tensor4D;
    const epsilon = denoiser(inputs.weights as tf.Tensor1D, x, inputs.t as tf.Tensor1D);
    const estimate = tf.sub(tf.mul(x, inputs.denoise_x), tf.mul(epsilon, inputs.denoise_epsilon));
    const denoised = tf.clipByValue(estimate, -1, 1);
    const moved = tf.add(tf.mul(x, inputs.x_factor), tf.mul(denoised, inputs.denoised_factor));
    return { x: noisy ? tf.add(moved, tf.mul(inputs.noise, inputs.noise_factor)) : moved };
  };
}

export interface SamplingRequest {
  readonly denoiser: Denoiser;
  readonly weights: HostTensor;
  readonly stages: readonly StageInputs[];
  readonly batch: number;
  readonly size: number;
  readonly channels: number;
}

/**
 * Compiles the loop's program, weights bound. Image i draws its start and then its noise, stage by stage, from
 * `stream.fold(i)`. x stays on the device between stages; a pass that adds no noise has a program without it.
 */
export async function compileSampling(engine: Engine, request: SamplingRequest): Promise<Generator> {
  const { denoiser, weights, stages, batch, size, channels } = request;
  assert(stages.length > 0, "a sampling pass has at least one stage");
  const noisy = stages.some((stage) => stage.noise !== 0);
  const images = { shape: [batch, size, size, channels] };
  const number = { shape: [] };
  const signature: Signature = {
    weights: { shape: weights.shape },
    x: images,
    t: { shape: [1] },
    denoise_x: number,
    denoise_epsilon: number,
    x_factor: number,
    denoised_factor: number,
    ...(noisy ? { noise: images, noise_factor: number } : {}),
  };
  const compiled: Compiled<string, "x"> = await engine.compile(
    `denoise-${batch}${noisy ? "-noisy" : ""}`,
    stageProgram(denoiser, noisy),
    signature,
    { constants: { weights } },
  );
  const imageSize = size * size * channels;

  return {
    batch,
    networkEvaluations: stages.length,
    compileMs: compiled.statistics.traceMs + compiled.statistics.compileMs,
    async generate(stream, firstIndex) {
      const streams = Array.from({ length: batch }, (_, i) => stream.fold(firstIndex + i));
      const draw = (): HostTensor => {
        const data = new Float32Array(batch * imageSize);
        for (const [i, own] of streams.entries()) own.fillNormal(data, i * imageSize, (i + 1) * imageSize);
        return { shape: images.shape, data };
      };
      let x: HostTensor | Value = draw();
      let noise: HostTensor | undefined;
      for (const stage of stages) {
        // a stage without noise in a noisy pass, its last, reuses an earlier draw times 0
        if (noisy && (noise === undefined || stage.noise !== 0)) noise = draw();
        const next: Value = (
          await compiled.run({
            x,
            t: single(stage.t),
            denoise_x: scalar(stage.denoiseX),
            denoise_epsilon: scalar(stage.denoiseEpsilon),
            x_factor: scalar(stage.x),
            denoised_factor: scalar(stage.denoised),
            ...(noise ? { noise, noise_factor: scalar(stage.noise) } : {}),
          })
        ).x;
        if ("dispose" in x) x.dispose();
        x = next;
      }
      assert("read" in x, "the loop ran at least once");
      const data = (await x.read()) as Float32Array;
      x.dispose();
      return { data, count: batch, height: size, width: size, channels };
    },
    dispose: () => compiled.dispose(),
  };
}
