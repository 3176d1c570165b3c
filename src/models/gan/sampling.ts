/** A trained generator as the harness uses it: images from latents, and from labels where it is conditional. */
import { assert } from "../../core/errors.ts";
import type { Rng } from "../../core/rng.ts";
import type { Engine, HostTensor, Program, Signature } from "../../engine/contract.ts";
import type { Generator, State } from "../contract.ts";

/** The generator's evaluation form as a program, and what it takes. */
export interface GeneratorProgram {
  readonly size: number;
  readonly channels: number;
  /** Length of a latent, standard normal. */
  readonly latent: number;
  /** Labels told apart; 0 for an unconditional generator. */
  readonly classes: number;
  /** Sampling weights, `latent` [batch, latent], `labels` [batch, classes] one-hot -> `images` [batch, size, size, channels]. */
  readonly program: Program<string, "images">;
  signature(batch: number): Signature;
}

/** Latents of images firstIndex .. of a stream, each from its own fold: [batch, width]. */
export function latents(stream: Rng, firstIndex: number, batch: number, width: number): HostTensor {
  const data = new Float32Array(batch * width);
  for (let i = 0; i < batch; i++) stream.fold(firstIndex + i).fillNormal(data, i * width, (i + 1) * width);
  return { shape: [batch, width], data };
}

/** One-hot rows [labels, classes]; labels 0..classes-1. */
export function oneHot(labels: ArrayLike<number>, classes: number): HostTensor {
  const data = new Float32Array(labels.length * classes);
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    assert(Number.isInteger(label) && label >= 0 && label < classes, `label ${label} of ${classes} classes`);
    data[i * classes + label] = 1;
  }
  return { shape: [labels.length, classes], data };
}

/** The input `labels` of a conditional generator, nothing for another; asks for labels exactly where they are needed. */
export function labelInput(
  { classes }: Pick<GeneratorProgram, "classes">,
  labels: ArrayLike<number> | undefined,
  count: number,
): Record<string, HostTensor> {
  if (classes === 0) {
    assert(labels === undefined, "an unconditional generator is given no labels");
    return {};
  }
  assert(labels?.length === count, `a conditional generator needs ${count} labels, not ${labels?.length}`);
  return { labels: oneHot(labels, classes) };
}

export async function compileGenerator(
  engine: Engine,
  generator: GeneratorProgram,
  weights: State,
  batch: number,
): Promise<Generator> {
  const { size, channels, latent, program, signature } = generator;
  const compiled = await engine.compile(`generate-${batch}`, program, signature(batch), {
    constants: weights,
    sampling: true,
  });
  return {
    batch,
    networkEvaluations: 1,
    compileMs: compiled.statistics.traceMs + compiled.statistics.compileMs,
    async generate(stream, firstIndex, labels) {
      const { images } = await compiled.run({
        latent: latents(stream, firstIndex, batch, latent),
        ...labelInput(generator, labels, batch),
      });
      const data = (await images.read()) as Float32Array;
      images.dispose();
      return { data, count: batch, height: size, width: size, channels };
    },
    dispose: () => compiled.dispose(),
  };
}
