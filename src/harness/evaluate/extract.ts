/** Extracts from images what metrics take: by the harness's classifier where the real set is a dataset, else as requested. */
import { usageError } from "../../core/errors.ts";
import { type ByteImages, imageSize } from "../../core/images.ts";
import type { Engine } from "../../engine/contract.ts";
import type { Sample } from "../../metrics/contract.ts";
import type { Dataset } from "../datasets/contract.ts";
import type { FeatureContext, InputOptions } from "../features/index.ts";
import { suiteSchema } from "../suite/index.ts";

/** Most values of pixel features, those of 32 x 32 RGB: the covariance in FID has the square of that number. */
const MAX_PIXEL_WIDTH = 3072;

export interface ExtractionRequest {
  /** `classifier`, `pixels`, `onnx:FILE[:output]`; by default the classifier, or pixels where nothing is labelled. */
  readonly features: string | undefined;
  /** The dataset whose training images the classifier learns from. */
  readonly dataset: Dataset | undefined;
  /** Images of the shape that all images have. */
  readonly images: ByteImages;
  /** How images are converted to the input of an ONNX model. */
  readonly model: InputOptions & Pick<FeatureContext, "threads" | "timeLimit" | "memoryLimit">;
  readonly cacheDir: string;
  /** Script of this process, which an ONNX model's process is started with. */
  readonly entry: string;
  /** Called where the extractor runs on an engine. */
  engine(): Promise<Engine>;
  /** For the result's notes. */
  note(message: string): void;
  /** For the waiting user only. */
  say(message: string): void;
  progress(message: string, done: number, total: number): void;
}

const limitFlags: Readonly<Record<string, string>> = { timeLimit: "time-limit", memoryLimit: "memory-limit" };

const UNLABELLED =
  "the real images have no labels to train a classifier with, so the features are raw pixels: they compare " +
  "layout and brightness, not content; give --features onnx:FILE for a network's";

/** @throws USAGE for a classifier without labels, and what opening the extractor throws. */
export async function openExtraction(request: ExtractionRequest) {
  const { features, dataset } = request;
  if (features === "classifier" || (features === undefined && dataset)) {
    const option = Object.keys(request.model).find((key) => key !== "threads");
    if (option) throw usageError(`--${limitFlags[option] ?? `onnx-${option}`} is for --features onnx:FILE`);
    return openTrained(request);
  }
  if (features === undefined) request.note(UNLABELLED);
  if (features === undefined || features === "pixels") checkPixels(request.images);
  const { openFeatures } = await import("../features/index.ts");
  const extractor = await openFeatures(features ?? "pixels", {
    ...request.model,
    cacheDir: request.cacheDir,
    entry: request.entry,
    onNotice: request.say,
  });
  return {
    facts: { name: extractor.name, ...extractor.protocol },
    modes: undefined,
    async sample(images: ByteImages, message: string): Promise<Sample> {
      const report = (done: number, total: number) => request.progress(message, done, total);
      return { features: await extractor.extract(images, report), images };
    },
    dispose: () => extractor.dispose(),
  };
}

/**
 * Refuses pixel features that are too wide by the size that is asked for, before any image is read. @throws USAGE
 */
export function checkResize(features: string | undefined, labelled: boolean, size: number | undefined): void {
  if (size !== undefined && (features === "pixels" || (features === undefined && !labelled)))
    checkPixels({ height: size, width: size, channels: 1 });
}

function checkPixels(images: Pick<ByteImages, "height" | "width" | "channels">): void {
  const { height, width, channels } = images;
  const values = imageSize(images);
  if (values > MAX_PIXEL_WIDTH)
    throw usageError(
      `as pixel features, images of ${height} x ${width} x ${channels} are ${values} wide, and ${MAX_PIXEL_WIDTH} is ` +
        "the most. Make them smaller with --resize 32, or give --features onnx:FILE.",
    );
}

async function openTrained({ dataset, engine, ...request }: ExtractionRequest) {
  if (!dataset)
    throw usageError(
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
    progress: ({ done, total }) => request.progress("training the classifier", done, total),
  });
  return {
    facts: { name: "classifier", ...facts },
    /** Modes or classes that images are assigned to. */
    modes: names.length,
    sample: async (images: ByteImages): Promise<Sample> => ({ ...(await judge.judge(images)), images }),
    dispose: () => judge.dispose(),
  };
}
