/** Samples on their way from noise to image, a row each. */
import type { Rng } from "../../core/rng.ts";
import type { Engine } from "../../engine/contract.ts";
import type { Illustration, SamplerSetting, State } from "../contract.ts";
import type { Denoiser } from "./denoiser.ts";
import { compileLoop, drawNoise, passOf, streamsOf } from "./sample.ts";
import type { Method } from "./setting.ts";

interface IllustrationRequest {
  readonly denoiser: Denoiser;
  readonly method: Method;
  readonly state: State;
  readonly setting: SamplerSetting;
  readonly stream: Rng;
  readonly shape: { readonly rows: number; readonly columns: number };
}

/**
 * The first column is the start, the last the image, those between x after evaluations at equal distances; fewer
 * columns where there are not as many evaluations. A conditional model draws its labels in turn.
 */
export async function illustrateSampling(
  engine: Engine,
  request: IllustrationRequest,
): Promise<Illustration> {
  const { denoiser, method, state, setting, stream, shape } = request;
  const { rows } = shape;
  const { title, ...pass } = passOf(denoiser, method, state, setting, rows);
  const loop = await compileLoop(engine, pass);
  const { updates } = pass;
  const columns = Math.min(shape.columns, updates.length + 1);
  const shownAfter = Array.from({ length: columns }, (_, column) =>
    Math.round((column / Math.max(1, columns - 1)) * updates.length),
  );
  const { size, channels, classes, inputScale } = denoiser;
  const pixels = size * size * channels;
  const images = new Float32Array(rows * columns * pixels);
  const show = (column: number, x: Float32Array, scale: number) => {
    for (let row = 0; row < rows; row++)
      for (let i = 0; i < pixels; i++)
        images[(row * columns + column) * pixels + i] = x[row * pixels + i]! / scale;
  };
  show(0, drawNoise(streamsOf(stream, 0, rows), new Float32Array(rows * pixels)), inputScale);
  const labels = classes > 0 ? Array.from({ length: rows }, (_, row) => row % classes) : undefined;
  const made = await loop.run(streamsOf(stream, 0, rows), labels, async (x, update) => {
    const column = shownAfter.indexOf(update + 1);
    if (column > 0) show(column, (await x.read()) as Float32Array, inputScale);
    return x;
  });
  loop.dispose();
  if (columns > 1) show(columns - 1, made.data, 1);
  const { steps } = setting;
  return {
    images: { data: images, count: rows * columns, height: size, width: size, channels },
    rows,
    columns,
    caption: `from noise to image, ${title}, ${steps} ${steps === 1 ? "step" : "steps"}`,
  };
}
