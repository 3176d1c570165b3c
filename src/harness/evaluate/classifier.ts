/** The harness's classifier for data of the user's: trained once for a dataset, its settings and engine, then cached. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { BenchError, messageOf } from "../../core/errors.ts";
import type { Engine } from "../../engine/contract.ts";
import type { State } from "../../models/index.ts";
import { publish, sha256 } from "../checkpoints/files.ts";
import { decodeSafetensors, encodeSafetensors } from "../checkpoints/safetensors.ts";
import type { Dataset } from "../datasets/contract.ts";
import { version } from "../run/version.ts";
import { type Judge, judgeOf, targetsOf, trainJudge } from "../stages/classifier/run.ts";
import type { Progress } from "../stages/contract.ts";
import type { SuiteConfig } from "../suite/index.ts";
import { hashOf } from "../suite/index.ts";

export interface ClassifierRequest {
  readonly engine: Engine;
  readonly dataset: Dataset;
  readonly settings: SuiteConfig["classifier"];
  readonly cacheDir: string;
  note(message: string): void;
  progress(progress: Progress): void;
}

export interface OpenedClassifier {
  readonly judge: Judge;
  /** What belongs to every number made with it. */
  readonly facts: Readonly<Record<string, string | number>>;
  /** Modes or classes that it tells apart. */
  readonly names: readonly string[];
}

export async function openClassifier(request: ClassifierRequest): Promise<OpenedClassifier> {
  const { engine, dataset, settings, cacheDir, note } = request;
  const { target, names } = targetsOf(dataset, dataset.train);
  const key = hashOf({
    harness: version,
    dataset: dataset.hash,
    names,
    settings,
    engine: { name: engine.name, provider: engine.provider, runtime: engine.runtime },
  });
  const path = `classifiers/${key}.safetensors`;
  const cached = await readCached(join(cacheDir, path), note);
  const { tensors, accuracy } = cached ?? (await trainAndCache(path, request));
  return {
    judge: await judgeOf(engine, dataset, tensors, path),
    names,
    facts: {
      dataset: dataset.name,
      tells_apart: `${names.length} ${target === "mode" ? "modes" : "classes"}`,
      accuracy,
      training_seed: settings.seed,
      training_images: settings.images,
      weights: digest(tensors),
    },
  };
}

const digest = (tensors: State): string => sha256(encodeSafetensors({ tensors, metadata: {} }));

async function trainAndCache(path: string, { engine, dataset, settings, ...request }: ClassifierRequest) {
  request.note(`training the classifier of ${dataset.name}, once: ${settings.images} images`);
  const { tensors, accuracy } = await trainJudge(engine, dataset, settings, request.progress);
  const metadata = { accuracy: String(accuracy), sha256: digest(tensors) };
  await publish(request.cacheDir, path, encodeSafetensors({ tensors, metadata })).catch((error: unknown) =>
    request.note(`the classifier is not kept: ${messageOf(error)}`),
  );
  return { tensors, accuracy };
}

/** undefined where there is none, or none that is whole: it is then trained again. */
async function readCached(path: string, note: (message: string) => void) {
  const bytes = await readFile(path).catch(() => undefined);
  if (!bytes) return undefined;
  try {
    const { tensors, metadata } = decodeSafetensors(bytes, path);
    const accuracy = Number(metadata.accuracy);
    if (metadata.sha256 === digest(tensors) && Number.isFinite(accuracy)) return { tensors, accuracy };
  } catch (error) {
    if (!(error instanceof BenchError)) throw error;
  }
  note(`${path} is damaged: training the classifier again`);
  return undefined;
}
