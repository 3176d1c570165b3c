/** The forward process of every diffusion model, as its schedule has it: nothing is trained or sampled. */
import { BenchError } from "../../../core/errors.ts";
import { type ByteImages, takeImages, toBytes, toFloat } from "../../../core/images.ts";
import { type Rng, rng } from "../../../core/rng.ts";
import { type Diffusion, type ModelKind, models } from "../../../models/index.ts";
import { publish } from "../../checkpoints/files.ts";
import type { Dataset } from "../../datasets/contract.ts";
import { encodePng, grid } from "../../images/png.ts";
import type { ForwardRecord, Grid } from "../../record/index.ts";
import type { SuiteConfig } from "../../suite/index.ts";
import type { PlannedCell, Stage } from "../contract.ts";
import { createModel, modelConfig } from "../shared/models.ts";
import { cellIds } from "../shared/names.ts";
import { noWork } from "../shared/work.ts";

/** Points of a curve at most. */
const MOST_POINTS = 101;
/** Steps that the encoding's picture shows, from the first: steps left out would make waves that are none. */
const MOST_ROWS = 128;

/** Models that a process of their own noises for; a distilled one has its teacher's. */
export function noisingModels(config: SuiteConfig): string[] {
  const kinds: Readonly<Record<string, ModelKind>> = models;
  return Object.entries(config.models).flatMap(([id, { type }]) =>
    kinds[type]?.family === "diffusion" && !kinds[type].distilled ? [id] : [],
  );
}

/** At most `most` of the steps 1..count, at equal distances, the first and the last among them. */
export function stepsAtEqualDistances(count: number, most: number): number[] {
  const points = Math.min(count, most);
  if (points === 1) return [count];
  return Array.from({ length: points }, (_, i) => 1 + Math.round((i * (count - 1)) / (points - 1)));
}

export const forwardStage: Stage = {
  kind: "forward",
  title: "shows how each diffusion model's schedule turns images into noise",

  plan: (config) =>
    config.stages.forward
      ? noisingModels(config).map(
          (model): PlannedCell => ({
            id: cellIds.forward(model),
            kind: "forward",
            needs: [],
            settings: { model, options: modelConfig(config, model).options, ...config.stages.forward },
          }),
        )
      : [],

  check(config, dataset) {
    const { forward } = config.stages;
    if (forward && forward.rows > dataset.test)
      throw new BenchError(
        "BAD_CONFIG",
        `stages.forward.rows is ${forward.rows}, and ${dataset.name} has ${dataset.test} test images`,
      );
  },

  work: () => noWork,

  async run({ cell, config, labels, out, dataset: load }): Promise<ForwardRecord> {
    const { model: id } = cell.settings as { model: string };
    const { rows, columns, goneBelow } = config.stages.forward!;
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
        dataset: await load(),
        rows,
        columns,
        stream: rng(config.seed).fold("forward"),
      }),
      encoding: await publishEncoding(out, `samples/encoding-${id}.png`, process),
    };
  },
};

interface Strip {
  readonly process: Diffusion;
  readonly dataset: Dataset;
  readonly rows: number;
  readonly columns: number;
  /** One noise an image, so that a row shows one way from image to noise. */
  readonly stream: Rng;
}

async function publishStrip(out: string, path: string, strip: Strip): Promise<Grid> {
  const { process, dataset, rows, columns, stream } = strip;
  const first = Uint32Array.from({ length: rows }, (_, i) => i);
  const images = toFloat(takeImages(dataset.test.images, first));
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
  return {
    file: await publish(out, path, encodePng(grid(all, columns, { gap: 1 }))),
    rows,
    columns,
    caption:
      `${process.schedule}: steps ${steps.join(", ")} of ${timesteps}` +
      (inputScale === 1 ? "" : `, images times ${inputScale}`),
  };
}

async function publishEncoding(
  out: string,
  path: string,
  { encoding, timesteps }: Diffusion,
): Promise<ForwardRecord["encoding"]> {
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
