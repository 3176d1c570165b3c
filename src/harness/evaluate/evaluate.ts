/** `bench evaluate` as a function: two sets of images, or of features, to one result. */
import { BenchError } from "../../core/errors.ts";
import { type ByteImages, takeImages } from "../../core/images.ts";
import { rng } from "../../core/rng.ts";
import type { Engine } from "../../engine/contract.ts";
import type { Features, Sample } from "../../metrics/contract.ts";
import type { MetricName } from "../../metrics/index.ts";
import { defaultCacheDir } from "../datasets/published.ts";
import type { InputOptions } from "../features/index.ts";
import { version } from "../run/version.ts";
import type { Progress } from "../stages/contract.ts";
import { type Extraction, openExtraction } from "./extract.ts";
import { type InputRequest, readFeatures, readImages } from "./inputs.ts";
import { type Measurement, measure, noiseLike } from "./measure.ts";
import type { EvaluationResult } from "./result.ts";
import { takeSample } from "./sample.ts";

export interface EvaluationRequest {
  readonly real: string;
  readonly generated: string;
  readonly cwd: string;
  /** `classifier`, `pixels`, `none`, `onnx:FILE[:output]`. */
  readonly features?: string;
  /** All, if absent. */
  readonly metrics?: readonly MetricName[];
  readonly ks: readonly number[];
  /** Images of each side, drawn without replacement; all, if absent. */
  readonly n?: number;
  readonly seed: number;
  readonly resize?: number;
  /** How images are brought to what an ONNX model takes. */
  readonly model?: InputOptions & { readonly threads?: number };
  readonly cacheDir?: string;
  /** Opened at most once, where the features need it; the caller's to dispose. */
  engine(): Promise<Engine>;
  /** What a reader must know; most of it stands in the result too. */
  note(message: string): void;
  progress(message: string, progress: Progress): void;
}

/** @throws BenchError for bad input, before anything is written. */
export async function evaluate(request: EvaluationRequest): Promise<EvaluationResult> {
  const notes: string[] = [];
  const note = (message: string) => {
    notes.push(message);
    request.note(message);
  };
  const { inputs, real, generated, measurement, facts } =
    request.features === "none" ? await evaluateFeatures(request, note) : await evaluateImages(request, note);
  const { metrics, undefinedMetrics, floor, ceiling } = measurement;
  const n = { real: real.features.count, generated: generated.features.count };
  if (!floor) note("there are too few real images for a floor of real against real");
  else if (floor.real !== n.real || floor.generated !== n.generated)
    note(
      `the floor is of ${floor.generated} real images against ${floor.real} others, as there are no more; FID is ` +
        `higher at smaller n, and so is this floor`,
    );
  return {
    harness: version,
    inputs,
    n,
    seed: request.seed,
    features: facts,
    metrics,
    undefined: undefinedMetrics,
    floor: floor ? { n: floor } : undefined,
    ceiling: ceiling ? { n: ceiling } : undefined,
    notes,
  };
}

const facts = ({ name, read }: { name: string; read: string }) => ({ name, read });

/** Which rows of a side are measured, and which real ones are left for the floor. */
function draw(request: EvaluationRequest, side: "real" | "generated", count: number, others: number) {
  const { n, seed } = request;
  const all = Uint32Array.from({ length: count }, (_, i) => i);
  if (n === undefined) return { chosen: all, spare: undefined };
  if (n > count)
    throw new BenchError("USAGE", `--n ${n} is more than the ${count} of --${side} ${request[side]}`);
  const order = rng(seed).fold("evaluate").fold(side).permutation(count);
  return {
    chosen: order.slice(0, n).sort(),
    spare: count >= n + others ? order.slice(n, n + others).sort() : undefined,
  };
}

function drawBoth(request: EvaluationRequest, counts: { real: number; generated: number }) {
  const generated = draw(request, "generated", counts.generated, 0).chosen;
  return { generated, ...draw(request, "real", counts.real, generated.length) };
}

function measureSamples(
  request: EvaluationRequest,
  samples: { generated: Sample; real: Sample; spare: Sample | undefined; noise: Sample | undefined },
  modes: number | undefined,
): Promise<Measurement> {
  return measure({
    ...samples,
    metrics: request.metrics,
    engine: request.engine,
    options: { ks: request.ks, seed: request.seed, modes },
    progress: (message, done, total) => request.progress(message, { done, total }),
  });
}

function inputsOf(request: EvaluationRequest, note: (message: string) => void): InputRequest {
  const { real, generated, cwd, resize, cacheDir } = request;
  return {
    real,
    generated,
    cwd,
    resize,
    cacheDir,
    note,
    onProgress: (message, done, total) => request.progress(message, { done, total }),
  };
}

async function evaluateFeatures(request: EvaluationRequest, note: (message: string) => void) {
  if (request.resize !== undefined)
    throw new BenchError("USAGE", "--resize is for images; --features none has none");
  const sides = await readFeatures(inputsOf(request, note));
  const counts = { real: sides.real.content.count, generated: sides.generated.content.count };
  const drawn = drawBoth(request, counts);
  const part = (features: Features, indices: ArrayLike<number>) =>
    indices.length === features.count ? { features } : takeSample({ features }, indices); // wide sets are large
  const real = part(sides.real.content, drawn.chosen);
  const generated = part(sides.generated.content, drawn.generated);
  const spare = drawn.spare && takeSample({ features: sides.real.content }, drawn.spare);
  return {
    inputs: { real: facts(sides.real), generated: facts(sides.generated) },
    real,
    generated,
    facts: { name: "none", width: sides.real.content.width },
    measurement: await measureSamples(request, { generated, real, spare, noise: undefined }, undefined),
  };
}

async function evaluateImages(request: EvaluationRequest, note: (message: string) => void) {
  const sides = await readImages(inputsOf(request, note));
  const [allReal, allGenerated] = [sides.real.content, sides.generated.content];
  if (same(allReal, allGenerated)) note("the real and the generated images are the same");
  const drawn = drawBoth(request, { real: allReal.count, generated: allGenerated.count });
  const extraction: Extraction = await openExtraction({
    features: request.features,
    dataset: sides.real.dataset,
    images: allReal,
    model: request.model ?? {},
    cacheDir: request.cacheDir ?? defaultCacheDir(),
    engine: request.engine,
    note,
    say: request.note,
    progress: request.progress,
  });
  try {
    const of = (images: ByteImages, indices: ArrayLike<number>, what: string) =>
      extraction.sample(takeImages(images, indices), `features of ${what}`);
    const real = await of(allReal, drawn.chosen, "the real images");
    const spare = drawn.spare && (await of(allReal, drawn.spare, "other real images"));
    const chosen = takeImages(allGenerated, drawn.generated);
    const generated = await extraction.sample(chosen, "features of the generated images");
    const noise = await extraction.sample(noiseLike(chosen, request.seed), "features of noise");
    return {
      inputs: { real: facts(sides.real), generated: facts(sides.generated) },
      real,
      generated,
      facts: extraction.facts,
      measurement: await measureSamples(request, { generated, real, spare, noise }, extraction.modes),
    };
  } finally {
    extraction.dispose();
  }
}

const same = (a: ByteImages, b: ByteImages): boolean =>
  a.count === b.count && Buffer.from(a.data.buffer, a.data.byteOffset, a.data.byteLength).equals(b.data);
