/** The sampling loop: one compiled program, applied once per update, whatever the sampler. */
import { assert } from "../../core/errors.ts";
import type { FloatImages } from "../../core/images.ts";
import type { Rng } from "../../core/rng.ts";
import type { Engine, HostTensor, Value } from "../../engine/contract.ts";
import type { Asked, SamplerSetting, State } from "../contract.ts";
import { scalar } from "../nn/index.ts";
import type { Denoiser } from "./denoiser.ts";
import {
  evaluationProgram,
  evaluationScalars,
  evaluationSignature,
  type Form,
  type UpdateInputs,
} from "./evaluation.ts";
import { labelInput } from "./guidance.ts";
import { nearestStep, trajectory } from "./respacing.ts";
import type { Move, Sampler } from "./samplers/index.ts";
import type { Method } from "./setting.ts";
import type { Clipping } from "./thresholding.ts";

/** Every update of a whole pass, in order, for a network of these levels and this target. */
export function updatesOf(
  { alphaBar, target }: Pick<Denoiser, "alphaBar" | "target">,
  sampler: Sampler,
  moves: readonly Move[],
): UpdateInputs[] {
  return moves.flatMap((move) =>
    sampler.updates(move).map((update) => {
      const { x: cleanX, output: cleanOutput } = target.clean(update.level);
      return { ...update, t: nearestStep(alphaBar, update.level), cleanX, cleanOutput };
    }),
  );
}

/** What is to be sampled, how. */
export interface Pass {
  readonly denoiser: Denoiser;
  readonly weights: HostTensor;
  readonly updates: readonly UpdateInputs[];
  readonly clipping: Clipping;
  /** w of classifier-free guidance; 0 for none. */
  readonly guidance: number;
  readonly batch: number;
}

/** A setting of a method as a pass over `batch` images, and the sampler's title. */
export function passOf(
  denoiser: Denoiser,
  method: Method,
  state: State,
  setting: SamplerSetting,
  batch: number,
): Pass & { readonly title: string } {
  const { sampler, retained, clipping, guidance } = method.plan(setting);
  const updates = updatesOf(denoiser, sampler, trajectory(denoiser.alphaBar, retained));
  const weights = method.weights(state, setting.steps);
  return { denoiser, weights, updates, clipping, guidance, batch, title: sampler.title };
}

/** What happens to x between two updates, e.g. its known pixels put in. Takes the value over and gives the next. */
export type Between = (x: Value, update: number) => Promise<Value>;

/** The stream of each image from firstIndex on. */
export function streamsOf(stream: Rng, firstIndex: number, count: number): Rng[] {
  return Array.from({ length: count }, (_, i) => stream.fold(firstIndex + i));
}

/** Standard normals, image i's from its own stream. */
export function drawNoise(streams: readonly Rng[], out: Float32Array): Float32Array {
  const size = out.length / streams.length;
  for (const [i, stream] of streams.entries()) stream.fillNormal(out, i * size, (i + 1) * size);
  return out;
}

/**
 * Compiles the loop's program, weights bound as constants. x stays on the device between updates; a pass that adds no
 * noise, or keeps nothing from update to update, has a program without that.
 */
export async function compileLoop(engine: Engine, pass: Pass) {
  const { denoiser, weights, updates, clipping, guidance, batch } = pass;
  const { size, channels, inputScale } = denoiser;
  assert(updates.length > 0, "a sampling pass has at least one update");
  const form: Form = {
    clipping,
    noisy: updates.some(({ noise }) => noise !== 0),
    remembers: updates.some(({ keep }) => keep !== undefined),
    learned: updates.some(({ variances }) => variances !== undefined),
    guided: guidance !== 0,
  };
  const signature = evaluationSignature(denoiser, form, batch);
  const compiled = await engine.compile(`denoise-${batch}`, evaluationProgram(denoiser, form), signature, {
    constants: { weights },
    sampling: true,
  });
  const scalars = updates.map((update) => ({
    ...evaluationScalars(update, form),
    ...(form.guided ? { guidance: scalar(guidance) } : {}),
  }));
  const { shape } = signature.x!;
  const values = batch * size * size * channels;

  return {
    compileMs: compiled.statistics.traceMs + compiled.statistics.compileMs,
    /** Evaluations of the network per image; a guided update has two. */
    networkEvaluations: updates.length * (form.guided ? 2 : 1),
    /** An image from each stream, which gives its start and then its noise, update by update; divided by the input scale. */
    async run(streams: readonly Rng[], asked: Asked | undefined, between?: Between): Promise<FloatImages> {
      assert(streams.length === batch, `${streams.length} streams for a batch of ${batch}`);
      const labels = labelInput(denoiser, asked, batch, form.guided);
      const start: HostTensor = { shape, data: drawNoise(streams, new Float32Array(values)) };
      const noise = form.noisy ? { shape, data: new Float32Array(values) } : undefined;
      let x: HostTensor | Value = start;
      let kept: HostTensor | Value = start; // the first update multiplies it by 0
      for (const [k, update] of updates.entries()) {
        if (noise && update.noise !== 0) drawNoise(streams, noise.data);
        const next: Partial<Record<"x" | "kept", Value>> = await compiled.run({
          ...scalars[k]!,
          x,
          labels,
          noise,
          kept: form.remembers ? kept : undefined,
        });
        if ("dispose" in x) x.dispose();
        if ("dispose" in kept) kept.dispose();
        x = between ? await between(next.x!, k) : next.x!;
        if (next.kept) kept = next.kept;
      }
      assert("read" in x, "the loop ran at least once");
      const data = (await x.read()) as Float32Array;
      x.dispose();
      if ("dispose" in kept) kept.dispose();
      if (inputScale !== 1) for (let i = 0; i < data.length; i++) data[i]! /= inputScale;
      return { data, count: batch, height: size, width: size, channels };
    },
    dispose: () => compiled.dispose(),
  };
}
