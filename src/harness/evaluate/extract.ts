/** From images to what metrics take: by the harness's classifier where the real set is a dataset, else as asked for. */
import { BenchError } from "../../core/errors.ts";
import { type ByteImages, imageSize } from "../../core/images.ts";
import type { Engine } from "../../engine/contract.ts";
import type { Sample } from "../../metrics/contract.ts";
import type { Dataset } from "../datasets/contract.ts";
import type { InputOptions } from "../features/index.ts";
import type { Progress } from "../stages/contract.ts";
import { suiteSchema } from "../suite/index.ts";

/** Widest pixel features: the covariance that FID takes is of that many squared. 32 x 32 RGB. */
const MAX_PIXEL_WIDTH = 3072;

export interface Extraction {
  readonly facts: Readonly<Record<string, string | number>> & { readonly name: string };
  /** Modes or classes that images are assigned to, where they are. */
  readonly modes?: number;
  sample(images: ByteImages, message: string): Promise<Sample>;
  dispose(): void;
}

export interface ExtractionRequest {
  /** `classifier`, `pixels`, `onnx:FILE[:output]`; by default the classifier, or pixels where nothing is labelled. */
  readonly features: string | undefined;
  /** Whose training images teach the classifier. */
  readonly dataset: Dataset | undefined;
  /** Of the shape that all images have. */
  readonly images: ByteImages;
  /** How images are brought to what an ONNX model takes. */
  readonly model: InputOptions & { readonly threads?: number };
  readonly cacheDir: string;
  /** Opened where the extractor runs on one. */
  engine(): Promise<Engine>;
  /** For the result's notes. */
  note(message: string): void;
  /** For who waits. */
  say(message: string): void;
  progress(message: string, progress: Progress): void;
}

const UNLABELLED =
  "the real images have no labels to train a classifier with, so the features are raw pixels: they compare " +
  "layout and brightness, not content; give --features onnx:FILE for a network's";

/** @throws USAGE for a classifier without labels, and what opening the extractor throws. */
export async function openExtraction(request: ExtractionRequest): Promise<Extraction> {
  const { features, dataset } = request;
  if (features === "classifier" || (features === undefined && dataset)) {
    const option = Object.keys(request.model).find((key) => key !== "threads");
    if (option) throw new BenchError("USAGE", `--onnx-${option} is for --features onnx:FILE`);
    return openTrained(request);
  }
  if (features === undefined) request.note(UNLABELLED);
  if (features === undefined || features === "pixels") checkPixels(request.images);
  const { openFeatures } = await import("../features/index.ts");
  const extractor = await openFeatures(features ?? "pixels", {
    ...request.model,
    cacheDir: request.cacheDir,
    onNotice: request.say,
  });
  return {
    facts: { name: extractor.name, ...extractor.protocol },
    async sample(images, message) {
      const report = (done: number, total: number) => request.progress(message, { done, total });
      return { features: await extractor.extract(images, report), images };
    },
    dispose: () => extractor.dispose(),
  };
}

function checkPixels(images: ByteImages): void {
  const { height, width, channels } = images;
  const values = imageSize(images);
  if (values > MAX_PIXEL_WIDTH)
    throw new BenchError(
      "USAGE",
      `as pixel features, images of ${height} x ${width} x ${channels} are ${values} wide, and ${MAX_PIXEL_WIDTH} is ` +
        "the most. Make them smaller with --resize 32, or give --features onnx:FILE.",
    );
}

async function openTrained({ dataset, engine, ...request }: ExtractionRequest): Promise<Extraction> {
  if (!dataset)
    throw new BenchError(
      "USAGE",
      "--features classifier is trained on labels, and the real images have none: give --real a dataset, or " +
        "--features pixels or onnx:FILE.",
    );
  const { openClassifier } = await import("./classifier.ts");
  const { judge, facts, names } = await openClassifier({
    engine: await engine(),
    dataset,
    settings: suiteSchema.shape.classifier.parse(undefined),
    cacheDir: request.cacheDir,
    note: request.say,
    progress: (progress) => request.progress("training the classifier", progress),
  });
  return {
    facts: { name: "classifier", ...facts },
    modes: names.length,
    sample: async (images) => ({ ...(await judge.judge(images)), images }),
    dispose: () => judge.dispose(),
  };
}
