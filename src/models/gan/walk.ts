/** A generator's map of its latent space, shown: walks from one latent to another. */
import type { FloatImages } from "../../core/images.ts";
import { imageSize } from "../../core/images.ts";
import type { Rng } from "../../core/rng.ts";
import type { Engine } from "../../engine/contract.ts";
import type { Illustration, State } from "../contract.ts";
import { compileImages, type GeneratorProgram } from "./sampling.ts";

/**
 * The point a share `t` of the way from `a` to `b` along the great circle (Shoemake 1985; for latents White 2016,
 * arXiv:1609.04468): on the way between two normal vectors the straight line passes through lengths that no normal
 * vector has.
 */
export function slerp(a: Float64Array, b: Float64Array, t: number): Float64Array {
  const dot = (x: Float64Array, y: Float64Array) => x.reduce((sum, value, i) => sum + value * y[i]!, 0);
  const cosine = dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  const angle = Math.acos(Math.max(-1, Math.min(1, cosine)));
  if (Math.sin(angle) < 1e-6) return a.map((value, i) => value + t * (b[i]! - value)); // one direction: a line
  const [from, to] = [Math.sin((1 - t) * angle), Math.sin(t * angle)].map((s) => s / Math.sin(angle));
  return a.map((value, i) => from! * value + to! * b[i]!);
}

/** Row i walks between two latents of `stream.fold(i)`; a conditional generator makes label i, i counted round. */
export async function illustrateWalks(
  engine: Engine,
  generator: GeneratorProgram,
  weights: State,
  stream: Rng,
  { rows, columns }: { readonly rows: number; readonly columns: number },
): Promise<Illustration> {
  const { size, channels, latent, classes } = generator;
  const compiled = await compileImages(engine, `walk-${columns}`, generator, weights, columns);
  const images: FloatImages = {
    data: new Float32Array(rows * columns * size * size * channels),
    count: rows * columns,
    height: size,
    width: size,
    channels,
  };
  for (let row = 0; row < rows; row++) {
    const own = stream.fold(row);
    const [start, end] = [0, 1].map((i) => own.fold(i).fillNormal(new Float64Array(latent)));
    const data = new Float32Array(columns * latent);
    for (let i = 0; i < columns; i++)
      data.set(slerp(start!, end!, columns === 1 ? 0 : i / (columns - 1)), i * latent);
    const labels = classes > 0 ? new Array<number>(columns).fill(row % classes) : undefined;
    const made = await compiled.make({ shape: [columns, latent], data }, labels);
    images.data.set(made, row * columns * imageSize(images));
  }
  compiled.dispose();
  return {
    images,
    rows,
    columns,
    caption: "walks between two latents along the great circle, one pass an image",
  };
}
