/** The sampling loop in float64 on the host: the same stages as the compiled loop, without an engine. */
import type { StageInputs } from "../../../src/models/diffusion/sample.ts";

export interface Pass {
  readonly samples: number[][];
  readonly denoised: number[][];
}

export function interpret(
  stages: readonly StageInputs[],
  epsilon: (x: readonly number[], t: number) => readonly number[],
  start: readonly number[],
  options: { clip: boolean; noise: (stage: number) => readonly number[] },
): Pass {
  const samples: number[][] = [];
  const estimates: number[][] = [];
  let x = start;
  for (const [k, stage] of stages.entries()) {
    const predicted = epsilon(x, stage.t);
    const denoised = x.map((value, i) => {
      const estimate = stage.denoiseX * value - stage.denoiseEpsilon * predicted[i]!;
      return options.clip ? Math.max(-1, Math.min(1, estimate)) : estimate;
    });
    const z = stage.noise === 0 ? undefined : options.noise(k);
    x = x.map((value, i) => stage.x * value + stage.denoised * denoised[i]! + stage.noise * (z?.[i] ?? 0));
    samples.push([...x]);
    estimates.push(denoised);
  }
  return { samples, denoised: estimates };
}
