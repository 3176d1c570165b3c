/** `bench evaluate` as a function: two sets of images, or of features, to one result. */
import { usageError } from "../../core/errors.ts";
import { type ByteImages, noiseLike, takeImages } from "../../core/images.ts";
import { rng } from "../../core/rng.ts";
import type { Engine } from "../../engine/contract.ts";
import type { Features, Sample } from "../../metrics/contract.ts";
import type { MetricName } from "../../metrics/index.ts";
import { defaultCacheDir } from "../datasets/index.ts";
import type { FeatureContext, InputOptions } from "../features/index.ts";
import { version } from "../run/environment.ts";
import { checkResize, openExtraction } from "./extract.ts";
import { type InputRequest, isDataset, readFeatures, readImages, type Side, type Sides } from "./inputs.ts";
import { measure, takeSample } from "./measure.ts";
import type { EvaluationResult } from "./result.ts";

export interface EvaluationRequest extends InputRequest {
  /** `classifier`, `pixels`, `none`, `onnx:FILE[:output]`. */
  readonly features?: string;
  /** By default all. */
  readonly metrics?: readonly MetricName[];
  readonly ks: readonly number[];
  /** Images of each side, drawn without replacement; by default all. */
  readonly n?: number;
  readonly seed: number;
  /** How images are converted to the input of an ONNX model. */
  readonly model?: InputOptions & Pick<FeatureContext, "threads" | "timeLimit" | "memoryLimit">;
  /** Script of this process, re-run for an ONNX model's. */
  readonly entry: string;
  /** Called at most once, where the features need an engine; the caller disposes of it. */
  engine(): Promise<Engine>;
}

/** @throws BenchError for bad input, before anything is written */
export async function evaluate(given: EvaluationRequest): Promise<EvaluationResult> {
  const notes: string[] = [];
  const note = (message: string) => {
    notes.push(message);
    given.note(message);
  };
  const request = { ...given, note };
  const scored =
    given.features === "none" ? await scoreFeatures(request) : await scoreImages(request, given.note);
  const { n, floor } = scored;
  if (!floor) note("there are too few real images for a floor of real against real");
  else if (floor.n.real !== n.real || floor.n.generated !== n.generated)
    note(
      `the floor is of ${floor.n.generated} real images against ${floor.n.real} others, as there are no more; FID is ` +
        `higher at smaller n, and so is this floor`,
    );
  return { harness: version, ...scored, notes };
}

/** How the content of a side becomes what metrics take. */
interface Extractor<Content> {
  readonly facts: EvaluationResult["features"];
  /** Modes or classes that images are assigned to, where they are. */
  readonly modes?: number;
  /** The members of a side at `indices`; `what` names them to the user. */
  sample(content: Content, indices: Uint32Array, what: string): Promise<Sample>;
  /** Noise in place of the members of a side at `indices`. */
  noise?(content: Content, indices: Uint32Array): Promise<Sample>;
}

async function score<Content extends { readonly count: number }>(
  request: EvaluationRequest,
  { real, generated, training }: Sides<Content>,
  extractor: Extractor<Content>,
) {
  const { metrics, ks, seed, engine, progress } = request;
  const drawn = draw(request, "generated", generated.content.count);
  const kept = draw(request, "real", real.content.count, drawn.chosen.length);
  const [ofReal, ofGenerated] = [real.content, generated.content];
  const samples = {
    real: await extractor.sample(ofReal, kept.chosen, "the real images"),
    spare: kept.spare && (await extractor.sample(ofReal, kept.spare, "other real images")),
    generated: await extractor.sample(ofGenerated, drawn.chosen, "the generated images"),
    noise: await extractor.noise?.(ofGenerated, drawn.chosen),
  };
  const trained = training && drawTraining(request, training.content.count, drawn.chosen.length);
  const options = {
    ...{ ks, seed, modes: extractor.modes },
    training: trained && (await extractor.sample(training.content, trained, "the training images")),
  };
  const read = ({ name, read }: Side<Content>) => ({ name, read });
  return {
    inputs: { real: read(real), generated: read(generated), training: training && read(training) },
    n: { real: kept.chosen.length, generated: drawn.chosen.length, training: trained?.length },
    seed,
    features: extractor.facts,
    ...(await measure({ ...samples, metrics, options, engine, progress })),
  };
}

/** Indices of the members that are measured, and of `others` more for the floor where there are so many. */
function draw(request: EvaluationRequest, side: "real" | "generated", count: number, others = 0) {
  const { n, seed } = request;
  if (n === undefined) return { chosen: Uint32Array.from({ length: count }, (_, i) => i), spare: undefined };
  if (n > count) throw usageError(`--n ${n} is more than the ${count} of --${side} ${request[side]}`);
  const order = rng(seed).fold("evaluate").fold(side).permutation(count);
  return {
    chosen: order.slice(0, n).sort(),
    spare: count >= n + others ? order.slice(n, n + others).sort() : undefined,
  };
}

/** Of the training images twice as many as are generated, which FLD cuts in halves; all where there are fewer. */
function drawTraining({ seed }: EvaluationRequest, count: number, generated: number): Uint32Array {
  const order = rng(seed).fold("evaluate").fold("training").permutation(count);
  return order.slice(0, Math.min(count, 2 * generated)).sort();
}

async function scoreFeatures(request: EvaluationRequest) {
  if (request.resize !== undefined) throw usageError("--resize is for images; --features none has none");
  const sides = await readFeatures(request);
  return score<Features>(request, sides, {
    facts: { name: "none", width: sides.real.content.width },
    async sample(features, indices) {
      return indices.length === features.count ? { features } : takeSample({ features }, indices); // wide sets are large
    },
  });
}

async function scoreImages(request: EvaluationRequest, say: EvaluationRequest["note"]) {
  checkResize(request.features, isDataset(request.real), request.resize);
  const sides = await readImages(request);
  const { dataset, content: images } = sides.real;
  if (same(images, sides.generated.content)) request.note("the real and the generated images are the same");
  const { features, model = {}, cacheDir = defaultCacheDir(), entry, engine, note, progress } = request;
  const extraction = await openExtraction({
    features,
    dataset,
    images,
    model,
    cacheDir,
    entry,
    engine,
    note,
    say,
    progress,
  });
  const { facts, modes, sample } = extraction;
  try {
    return await score<ByteImages>(request, sides, {
      facts,
      modes,
      sample: (content, indices, what) => sample(takeImages(content, indices), `features of ${what}`),
      noise: (content, indices) =>
        sample(noiseLike(takeImages(content, indices), request.seed), "features of noise"),
    });
  } finally {
    extraction.dispose();
  }
}

const same = (a: ByteImages, b: ByteImages): boolean =>
  a.count === b.count && Buffer.from(a.data.buffer, a.data.byteOffset, a.data.byteLength).equals(b.data);
