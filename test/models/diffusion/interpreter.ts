/** The sampling loop in float64 on the host: the same updates as the compiled loop, without an engine. */
import * as z from "zod";
import type { UpdateInputs } from "../../../src/models/diffusion/evaluation.ts";
import {
  type Sampler,
  type SamplerKind,
  type SamplerName,
  type SamplerSetup,
  samplers,
  type Update,
} from "../../../src/models/diffusion/samplers/index.ts";

/** A sampler with these of its options, the others at their defaults. */
export function method(name: SamplerName, options: object = {}, setup: Partial<SamplerSetup> = {}): Sampler {
  const kind = samplers[name] as unknown as SamplerKind;
  return kind.make(z.parse(kind.options, options), { variance: "fixed-small", steps: 10, ...setup });
}

/** Moves through levels of alphaBar, noisiest first, to the clean image. */
export function movesThrough(levels: readonly number[]) {
  return levels.map((from, i) => ({
    from,
    to: levels[i + 1] ?? 1,
    before: i === 0 ? undefined : levels[i - 1]!,
  }));
}

export interface Pass {
  readonly samples: number[][];
  readonly denoised: number[][];
}

/** `estimate` gives the clean image that is seen in x at a update. */
export function interpret<S extends Update>(
  updates: readonly S[],
  estimate: (x: readonly number[], update: S) => readonly number[],
  start: readonly number[],
  noise: (update: number) => readonly number[],
): Pass {
  const samples: number[][] = [];
  const estimates: number[][] = [];
  let x = start;
  let kept = start.map(() => 0);
  for (const [k, update] of updates.entries()) {
    const denoised = estimate(x, update);
    const z = update.noise === 0 ? undefined : noise(k);
    const next = x.map(
      (value, i) =>
        update.x * value +
        update.denoised * denoised[i]! +
        (update.kept ?? 0) * kept[i]! +
        update.noise * (z?.[i] ?? 0),
    );
    const { keep = { x: 0, denoised: 0 } } = update;
    kept = x.map((value, i) => keep.x * value + keep.denoised * denoised[i]!);
    x = next;
    samples.push(next);
    estimates.push([...denoised]);
  }
  return { samples, denoised: estimates };
}

/** The estimate that a network's output means, clipped to [-1, 1] where asked. */
export function fromOutput(output: (x: readonly number[], t: number) => readonly number[], clip: boolean) {
  return (x: readonly number[], { t, cleanX, cleanOutput }: UpdateInputs) => {
    const predicted = output(x, t);
    return x.map((value, i) => {
      const estimate = cleanX * value + cleanOutput * predicted[i]!;
      return clip ? Math.max(-1, Math.min(1, estimate)) : estimate;
    });
  };
}
