/** The forward process of every diffusion model, from its schedule alone: nothing is trained or sampled. */
import { type ByteImages, type FloatImages, toBytes, toFloat } from "../../../core/images.ts";
import { type Rng, rng } from "../../../core/rng.ts";
import type { Diffusion } from "../../../models/index.ts";
import { publish } from "../../checkpoints/files.ts";
import { encodePng } from "../../images/png.ts";
import type { Grid } from "../../record/index.ts";
import { defineStage } from "../shared/define.ts";
import { createModel, modelConfig } from "../shared/models.ts";
import { cellIds, noisingModels } from "../shared/plan.ts";
import { publishGrid } from "../shared/quality.ts";
import { checkShownImages, floorImages } from "../shared/sets.ts";
import { stepsAtEqualDistances } from "../shared/training.ts";

/** The most points of a curve. */
const MOST_POINTS = 101;
/** The most steps in the encoding's picture, from the first on: leaving steps out would draw waves that are not there. */
const MOST_ROWS = 128;

export const forwardStage = defineStage({
  kind: "forward",
  title: "shows how each diffusion model's schedule turns images into noise",

  options: ({ stages }) => stages.forward,

  plan: (forward, config) =>
    noisingModels(config).map((model) => ({
      id: cellIds.forward(model),
      needs: [],
      settings: { model, options: modelConfig(config, model).options, ...forward },
    })),

  check: ({ rows }, dataset) => checkShownImages("forward.rows", rows, dataset),

  async run({ cell, config, labels, out, dataset: load }, { rows, columns, goneBelow }) {
    const { model: id } = cell.settings;
    const process = createModel(config, id, labels).diffusion!;
    const { schedule, timesteps, inputScale, alphaBar, logSnr, terminalSnr } = process;
    const steps = stepsAtEqualDistances(timesteps, MOST_POINTS);
    return {
      kind: "forward",
      model: id,
      schedule,
      timesteps,
      inputScale,
      steps,
      alphaBar: steps.map((step) => alphaBar[step - 1]!),
      logSnr: steps.map((step) => logSnr[step - 1]!),
      terminalSnr,
      goneShare: process.goneShare(goneBelow),
      goneBelow,
      strip: await publishStrip(out, `samples/forward-${id}.png`, {
        process,
        images: toFloat(floorImages(await load(), rows)),
        columns,
        stream: rng(config.seed).fold("forward"),
      }),
      encoding: await publishEncoding(out, `samples/encoding-${id}.png`, process),
    };
  },
});

interface Strip {
  readonly process: Diffusion;
  /** One per row. */
  readonly images: FloatImages;
  readonly columns: number;
  /** Each image has one noise, so a row shows one path from image to noise. */
  readonly stream: Rng;
}

async function publishStrip(out: string, path: string, strip: Strip): Promise<Grid> {
  const { process, images, columns, stream } = strip;
  const rows = images.count;
  const { timesteps, inputScale } = process;
  const steps = Array.from({ length: columns }, (_, c) =>
    Math.round((c * timesteps) / Math.max(1, columns - 1)),
  );
  const noised = steps.map((step) => toBytes(process.noised(images, step, stream)));
  const size = images.data.length / rows;
  const data = new Uint8Array(rows * columns * size);
  for (let row = 0; row < rows; row++)
    for (const [column, { data: of }] of noised.entries())
      data.set(of.subarray(row * size, (row + 1) * size), (row * columns + column) * size);
  const all: ByteImages = { ...noised[0]!, data, count: rows * columns };
  const scaled = inputScale === 1 ? "" : `, images times ${inputScale}`;
  const caption = `${process.schedule}: steps ${steps.join(", ")} of ${timesteps}${scaled}`;
  return publishGrid(out, path, all, all.count, caption, columns);
}

async function publishEncoding(out: string, path: string, { encoding, timesteps }: Diffusion) {
  const { width, title } = encoding;
  const steps = Math.min(timesteps, MOST_ROWS);
  const data = new Float32Array(steps * width);
  for (let i = 0; i < steps; i++) data.set(encoding.of(i + 1), i * width);
  const picture = toBytes({ data, count: 1, height: steps, width, channels: 1 });
  return {
    file: await publish(out, path, encodePng(picture)),
    steps,
    width,
    caption: `${title}; ${width} components, steps 1 to ${steps} of ${timesteps}`,
  };
}
