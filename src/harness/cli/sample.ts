/** `bench sample`: images of a trained model, as one picture. */
import { resolve } from "node:path";
import { BenchError } from "../../core/errors.ts";
import { takeImages } from "../../core/images.ts";
import { rng } from "../../core/rng.ts";
import { knownWords } from "../../core/suggest.ts";
import type { Engine } from "../../engine/contract.ts";
import type { SamplerSetting } from "../../models/index.ts";
import { openTrained, type TrainedModel } from "../checkpoints/trained.ts";
import { encodePng, grid } from "../images/png.ts";
import { scoringSetting } from "../stages/shared/models.ts";
import { generateImages } from "../stages/shared/sampling.ts";

/** Images per request. */
const BATCH = 64;
const COLUMNS = 10;

export interface SampleRequest {
  readonly checkpoint: string;
  readonly n: number;
  readonly sampler: string | undefined;
  readonly steps: number | undefined;
  /** Name or number of a label; labels in turn where undefined. */
  readonly label: string | undefined;
  readonly guidance: number | undefined;
  readonly seed: number;
  readonly cwd: string;
}

export interface Sample {
  readonly png: Uint8Array;
  readonly model: string;
  readonly setting: SamplerSetting;
  readonly networkEvaluations: number;
}

/** Checks the request against the checkpoint's model before an engine is opened. @throws BAD_CHECKPOINT, BAD_CONFIG, USAGE */
export async function prepareSample(request: SampleRequest) {
  const trained = await openTrained(resolve(request.cwd, request.checkpoint), request.checkpoint);
  const setting = settingOf(trained, request);
  trained.model.checkSetting(setting);
  const label = labelOf(trained, request.label);
  return async (engine: Engine, onBatch: (done: number) => void): Promise<Sample> => {
    const { model, weights } = trained;
    const batch = Math.min(BATCH, request.n);
    const generator = await model.generator(engine, weights, setting, batch);
    const images = await generateImages(
      generator,
      rng(request.seed).fold("sample"),
      request.n,
      label,
      onBatch,
    );
    const { networkEvaluations } = generator;
    generator.dispose();
    const shown = takeImages(
      images,
      Array.from({ length: request.n }, (_, i) => i),
    );
    const png = encodePng(grid(shown, Math.min(COLUMNS, request.n)));
    return { png, model: trained.id, setting, networkEvaluations };
  };
}

function settingOf(
  { id, configured, model }: TrainedModel,
  { sampler, steps, guidance }: SampleRequest,
): SamplerSetting {
  const usual = scoringSetting(configured);
  if (model.family === "gan" && (sampler !== undefined || steps !== undefined || guidance !== undefined))
    throw new BenchError(
      "USAGE",
      `${id} makes an image in one pass: leave out --sampler, --steps and --guidance`,
    );
  if (guidance !== undefined && model.classes === 0)
    throw new BenchError("USAGE", `${id} was trained without labels: there is nothing to guide it to`);
  const options = { ...usual.options, ...(guidance !== undefined && { guidance }) };
  return {
    sampler: sampler ?? usual.sampler,
    steps: steps ?? usual.steps,
    ...(sampler === undefined || sampler === usual.sampler
      ? { options }
      : guidance !== undefined && { options: { guidance } }),
  };
}

function labelOf({ id, model, labels }: TrainedModel, wanted: string | undefined) {
  if (model.classes === 0) {
    if (wanted === undefined) return undefined;
    throw new BenchError("USAGE", `--class ${wanted}: ${id} was trained without labels`);
  }
  if (wanted === undefined) return (index: number) => index % model.classes;
  const named = labels.indexOf(wanted);
  const label = named >= 0 ? named : /^\d+$/.test(wanted) ? Number(wanted) : -1;
  if (label >= 0 && label < model.classes) return () => label;
  throw new BenchError(
    "USAGE",
    `--class ${wanted}: ${id} knows 0 to ${model.classes - 1}${knownWords(wanted, labels)}`,
  );
}
