/** A trained generator as the harness uses it: images from latents, and from labels where it is conditional. */
import { assert } from "../../core/errors.ts";
import type { Rng } from "../../core/rng.ts";
import type { Engine, HostTensor, Program, Signature } from "../../engine/contract.ts";
import type { Generator, State } from "../contract.ts";
import { oneHot } from "../nn/index.ts";

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

/** A latent from each stream: [streams, width]. */
export function latents(streams: readonly Rng[], width: number): HostTensor {
  const data = new Float32Array(streams.length * width);
  for (const [i, stream] of streams.entries()) stream.fillNormal(data, i * width, (i + 1) * width);
  return { shape: [streams.length, width], data };
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

/** The generator compiled as `name` for one batch size: images of latents [batch, latent], and labels where it is conditional. */
export async function compileImages(
  engine: Engine,
  name: string,
  generator: GeneratorProgram,
  weights: State,
  batch: number,
) {
  const compiled = await engine.compile(name, generator.program, generator.signature(batch), {
    constants: weights,
    sampling: true,
  });
  return {
    compileMs: compiled.statistics.traceMs + compiled.statistics.compileMs,
    async make(latent: HostTensor, labels: ArrayLike<number> | undefined): Promise<Float32Array> {
      const { images } = await compiled.run({ latent, ...labelInput(generator, labels, batch) });
      const data = (await images.read()) as Float32Array;
      images.dispose();
      return data;
    },
    dispose: () => compiled.dispose(),
  };
}

export async function compileGenerator(
  engine: Engine,
  generator: GeneratorProgram,
  weights: State,
  batch: number,
): Promise<Generator> {
  const { size, channels, latent } = generator;
  const { compileMs, make, dispose } = await compileImages(
    engine,
    `generate-${batch}`,
    generator,
    weights,
    batch,
  );
  return {
    batch,
    networkEvaluations: 1,
    compileMs,
    async generate(stream, firstIndex, labels) {
      const streams = Array.from({ length: batch }, (_, i) => stream.fold(firstIndex + i));
      const data = await make(latents(streams, latent), labels);
      return { data, count: batch, height: size, width: size, channels };
    },
    dispose,
  };
}
