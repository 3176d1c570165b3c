/**
 * The judges of a run: feature spaces in which generated images are compared with real ones. The first ranks; the others
 * confirm, because a ranking that turns with the features is no result. Modes are assigned by the first classifier among them.
 */
import { assert } from "../../../core/errors.ts";
import { type ByteImages, imageSize } from "../../../core/images.ts";
import type { Features, Probabilities } from "../../../metrics/contract.ts";
import { type FeatureExtractor, openFeatures } from "../../features/index.ts";
import { resizeByArea } from "../../images/resize.ts";
import type { JudgeFacts } from "../../record/index.ts";
import type { JudgeSpec, SuiteConfig } from "../../suite/index.ts";
import type { CellContext } from "../contract.ts";
import { openJudge } from "./judge.ts";
import { cellIds } from "./plan.ts";

/** What judges need: the classifiers among them, and their names for a cell's settings. */
export function judging(config: SuiteConfig): { readonly needs: string[]; readonly judge: JudgeSpec[] } {
  const judge = judgesOf(config);
  return { needs: judge.flatMap((spec) => classifierOf(spec) ?? []), judge };
}

/** Of a suite that names none: the classifier. */
const judgesOf = ({ judge }: Pick<SuiteConfig, "judge">): JudgeSpec[] => judge ?? ["classifier"];

/** The cell that trains a judge; undefined for one that nobody trains here. */
function classifierOf(spec: JudgeSpec): string | undefined {
  if (spec === "classifier") return cellIds.classifier;
  return spec === "classifier:perceptron" ? cellIds.secondClassifier : undefined;
}

/** What the judges make of a set of images: the first one's features, and the modes that a classifier assigns. */
export interface Judged {
  readonly features: Features;
  readonly assignments?: Uint16Array;
  readonly probabilities?: Probabilities;
}

/** The features of a judge that confirms. */
export interface Confirming {
  readonly judge: string;
  readonly features: Features;
}

export interface Judges {
  judge(images: ByteImages): Promise<Judged>;
  /** Number of judges but the first. */
  readonly confirming: number;
  /** By every judge but the first. */
  confirm(images: ByteImages): Promise<Confirming[]>;
  dispose(): void;
}

/** One judge. */
interface Opened {
  readonly name: string;
  judge(images: ByteImages): Promise<Judged>;
  dispose(): void;
}

/** Each judge is opened where it is first asked: most cells ask for the first alone. */
export async function openJudges(context: CellContext): Promise<Judges> {
  const [first, ...others] = judgesOf(context.config);
  assert(first, "a suite has a judge");
  const labelling = [first, ...others].find((spec) => classifierOf(spec) !== undefined);
  const opened = new Map<JudgeSpec, Opened>();
  const by = async (spec: JudgeSpec): Promise<Opened> => {
    const judge = opened.get(spec) ?? (await open(context, spec));
    opened.set(spec, judge);
    return judge;
  };
  return {
    confirming: others.length,
    async judge(images) {
      const judged = await (await by(first)).judge(images);
      if (first === labelling || !labelling) return judged;
      const { assignments, probabilities } = await (await by(labelling)).judge(images);
      return { ...judged, assignments, probabilities };
    },
    async confirm(images) {
      const found: Confirming[] = [];
      for (const spec of others) {
        const { name, judge } = await by(spec);
        found.push({ judge: name, features: (await judge(images)).features });
      }
      return found;
    },
    dispose() {
      for (const { dispose } of opened.values()) dispose();
    },
  };
}

/** Facts of the judges that nobody trains here, for run.json: what decides their numbers. */
export async function judgeFacts(config: SuiteConfig): Promise<JudgeFacts[]> {
  const brought = judgesOf(config).filter((spec) => classifierOf(spec) === undefined);
  return Promise.all(
    brought.map(async (spec) => {
      const extractor = await openExtractor(spec);
      extractor.dispose();
      return { name: extractor.name, protocol: extractor.protocol };
    }),
  );
}

async function openExtractor(spec: JudgeSpec): Promise<FeatureExtractor> {
  const { features, ...input } = typeof spec === "string" ? { features: spec } : spec;
  const extractor = await openFeatures(features, input);
  return features === "pixels" ? reduced(extractor) : extractor;
}

async function open(context: CellContext, spec: JudgeSpec): Promise<Opened> {
  const cell = classifierOf(spec);
  if (cell !== undefined) return { name: nameOf(spec), ...(await openJudge(context, cell)) };
  const { name, extract, dispose } = await openExtractor(spec);
  return { name, judge: async (images) => ({ features: await extract(images) }), dispose };
}

/** Most values of an image as pixel features: the covariance in FID takes more images than it has rows. */
const MOST_PIXEL_VALUES = 256;

/** Pixels of images halved in size, by area, until they are few enough. */
function reduced(pixels: FeatureExtractor): FeatureExtractor {
  return {
    ...pixels,
    protocol: { ...pixels.protocol, values: `halved by area to at most ${MOST_PIXEL_VALUES}` },
    extract(images) {
      let size = images.height;
      while (size * size * images.channels > MOST_PIXEL_VALUES && size % 2 === 0) size /= 2;
      return pixels.extract(imageSize(images) > MOST_PIXEL_VALUES ? resizeByArea(images, size) : images);
    },
  };
}

/** A judge in a word: its spec. */
const nameOf = (spec: JudgeSpec): string => (typeof spec === "string" ? spec : spec.features);
