/** The harness's classifier for the user's data: trained once for each dataset, settings and engine, then cached. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { BenchError, messageOf } from "../../core/errors.ts";
import { hashOf, sha256 } from "../../core/hash.ts";
import type { Engine } from "../../engine/contract.ts";
import type { State } from "../../models/index.ts";
import { publish } from "../checkpoints/files.ts";
import { decodeSafetensors, encodeSafetensors } from "../checkpoints/safetensors.ts";
import type { Dataset } from "../datasets/contract.ts";
import { version } from "../run/environment.ts";
import { trainJudge } from "../stages/classifier/run.ts";
import type { Progress } from "../stages/contract.ts";
import { judgeOf, targetsOf } from "../stages/shared/judge.ts";
import type { SuiteConfig } from "../suite/index.ts";

export interface ClassifierRequest {
  readonly engine: Engine;
  readonly dataset: Dataset;
  readonly settings: SuiteConfig["classifier"];
  readonly cacheDir: string;
  note(message: string): void;
  progress(progress: Progress): void;
}

export async function openClassifier(request: ClassifierRequest) {
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
    /** Modes or classes that it distinguishes. */
    names,
    /** Facts for the record of every number that depends on the classifier. */
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

/** The cached classifier; undefined where there is none or it is damaged, and it has to be trained. */
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
