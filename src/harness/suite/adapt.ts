/**
 * How data adapt a suite, as one pure function. The rule: what a flag states never changes; what the suite's file states
 * changes only where it says `adapt: true`; what nobody states always does.
 *
 * | option | becomes |
 * | --- | --- |
 * | `dataset.channels` | left out: as the data are, 3 where a picture has colour, else 1 |
 * | `models.*.options.attention` | a resolution that is no level of the U-Net at this size: the level it was at the suite's own size |
 * | `judge` | left out: the classifier, or pixels for data without classes; those get no classifier from `adapt` either |
 * | conditional models, `stages.control` | left out for data without classes, by `adapt` alone |
 * | `n`, `validation`, `images`, `rows` of stages | at most a third of the test images, which is at least 10 |
 * | `stages.data.sizes`, `stages.control.cas.n` | at most the training images |
 */
import { badData } from "../../core/errors.ts";
import { plural } from "../../core/format.ts";
import { mostCompared } from "../datasets/index.ts";
import type { Adapted, DatasetFacts } from "../record/index.ts";
import { valueAt } from "./override.ts";
import type { JudgeSpec } from "./parts.ts";
import type { Stated } from "./resolve.ts";
import type { SuiteConfig } from "./schema.ts";

/** Fewest images of a third of the test split; metrics with 5 neighbours need six. */
const LEAST_COMPARED = 10;
/** Fewer make rough scores, and are said to. */
const FEW = 100;

type Path = readonly string[];

/**
 * The suite as these data have it, and what changed. Without data, which are not read yet, only what the size decides.
 * @throws BAD_DATA where the data are too few for any number that may change
 */
export function adaptSuite(
  { adapt = false, ...given }: SuiteConfig,
  stated: Stated,
  data?: DatasetFacts,
): { config: SuiteConfig; adapted: Adapted[] } {
  let config: SuiteConfig = given;
  const adapted: Adapted[] = [];
  const gives = (path: Path) => !stated.byFlag(path) && (adapt || !stated.anywhere(path));
  const change = (path: Path, is: unknown, why: string) => {
    const was = valueAt(config, path);
    config = withValue(config, path, is) as SuiteConfig;
    adapted.push({ option: path.join("."), was, is, why });
  };
  fitAttention(config, stated.size, gives, change);
  if (data) {
    if (config.dataset.channels === undefined) {
      if (data.channels === 3) change(["dataset", "channels"], 3, "the data have colour");
      else config = withValue(config, ["dataset", "channels"], 1) as SuiteConfig;
    }
    if (data.modes.length < 2) {
      if (adapt) leaveLabelsOut(config, stated, gives, change);
    }
    config.judge ??= [data.modes.length > 1 ? "classifier" : "pixels"];
    fitCounts(config, data, gives, change);
  } else if (adapt) config = { ...config, adapt };
  return { config, adapted };
}

type Gives = (path: Path) => boolean;
type Change = (path: Path, is: unknown, why: string) => void;

/** Attention moves with the levels of the U-Net, from the suite's own size to the size of the run. */
function fitAttention({ models, dataset: { size } }: SuiteConfig, own: number, gives: Gives, change: Change) {
  for (const [id, { options }] of Object.entries(models)) {
    const { attention, multipliers } = options as { attention?: number[]; multipliers?: number[] };
    const path = ["models", id, "options", "attention"];
    if (!attention || !multipliers || !gives(path)) continue;
    const levels = multipliers.map((_, level) => size / 2 ** level);
    if (attention.every((at) => levels.includes(at))) continue;
    const moved = attention.map((at) => (at * size) / own);
    if (moved.every((at) => levels.includes(at)))
      change(
        path,
        moved,
        `the levels are at ${levels.join(", ")} pixels; at ${own} these were at ${attention.join(", ")}`,
      );
  }
}

/** Data of one class have no labels to learn, to be told or to be judged by. */
function leaveLabelsOut(config: SuiteConfig, stated: Stated, gives: Gives, change: Change): void {
  const why = "the data have no classes";
  const isClassifier = (spec: JudgeSpec) => typeof spec === "string" && spec.startsWith("classifier");
  if (config.judge?.some(isClassifier) && gives(["judge"])) {
    const others = config.judge.filter((spec) => !isClassifier(spec));
    change(["judge"], others.length > 0 ? others : ["pixels"], why);
  }
  const told = Object.entries(config.models).filter(([, { options }]) => options.conditional === true);
  const gone = told.map(([id]) => id).filter((id) => !stated.byFlag(["models", id]));
  for (const [id, { teacher }] of Object.entries(config.models))
    if (gone.includes(id) || (teacher !== undefined && gone.includes(teacher)))
      change(
        ["models", id],
        undefined,
        gone.includes(id) ? `${why} to tell it` : `its teacher ${teacher} is left out`,
      );
  if (config.stages.control && gives(["stages", "control"])) change(["stages", "control"], undefined, why);
}

/** Options that take so many of a third of the test images. */
const compared: readonly Path[] = [
  ...["stability", "sensitivity", "diversity", "control", "data", "tune"].map((stage) => [
    "stages",
    stage,
    "n",
  ]),
  ["stages", "control", "validation"],
  ["stages", "control", "images"],
  ["stages", "likelihood", "images"],
  ["stages", "forward", "rows"],
];

/** The option as a person states it: a search is stated under `tune`. */
const asStated = (path: Path): Path => (path[1] === "tune" ? path.slice(1) : path);

function fitCounts(config: SuiteConfig, data: DatasetFacts, gives: Gives, change: Change): void {
  const most = mostCompared(data.test);
  const tooMany = compared.filter((path) => {
    const asked = valueAt(config, path);
    const unread = path[1] === "stability" && config.stages.stability?.checkpoints === 0;
    return typeof asked === "number" && asked > most && !unread && gives(asStated(path));
  });
  if (tooMany.length > 0 && most < LEAST_COMPARED) throw tooFew(data, most);
  const rough = most < FEW ? "; scores of so few images are rough" : "";
  for (const path of tooMany)
    change(path, most, `a third of the ${plural(data.test, "test image")} of ${data.name}${rough}`);
  const limit = `${data.name} has ${plural(data.train, "training image")}`;
  const cas = config.stages.control?.cas;
  const casPath = ["stages", "control", "cas", "n"];
  if (cas && cas.n > data.train && gives(casPath)) change(casPath, data.train, limit);
  const sizes = config.stages.data?.sizes;
  const sizesPath = ["stages", "data", "sizes"];
  if (sizes?.some((size) => size > data.train) && gives(sizesPath)) {
    const kept = sizes.filter((size) => size < data.train);
    change(
      sizesPath,
      kept.length > 0 ? [...kept, data.train] : [Math.ceil(data.train / 4), data.train],
      limit,
    );
  }
}

const tooFew = ({ name, train, test }: DatasetFacts, most: number) =>
  badData(
    `${name} has ${plural(test, "test image")} beside ${train} for training, and a third of them, ${most}, is what samples are compared ` +
      `with: at least ${LEAST_COMPARED} are needed. Give at least ${3 * LEAST_COMPARED} test images (${9 * LEAST_COMPARED} pictures in all ` +
      "of a folder without a test folder), or state every n yourself, e.g. --set stages.diversity.n=5.",
  );

/** What reading did to a person's own pictures, and what there is to know of their classes, in sentences. */
export function pictureNotes(
  { pictures, classes, channels }: DatasetFacts,
  { size, fit = "cover", background = "white" }: Partial<SuiteConfig["dataset"]> = {},
): string[] {
  if (!pictures) return [];
  const { skipped, ignored, transparent, oblong, deep, edges, colour, counts } = pictures;
  const total = counts.reduce((sum, [train, test]) => sum + train + test, 0);
  const of = (count: number) => `${count} of ${plural(total, "picture")} ${count === 1 ? "is" : "are"}`;
  const small = classes.flatMap((name, i) => {
    const [train, test] = counts[i]!;
    return classes.length > 1 && (train < LEAST_COMPARED || test < LEAST_COMPARED)
      ? [`${name} (${train} and ${test})`]
      : [];
  });
  return [
    ...(skipped > 0
      ? [`${plural(skipped, "file")} that cannot be read ${skipped === 1 ? "is" : "are"} left out`]
      : []),
    ...(ignored > 0
      ? [
          `${plural(ignored, "entry", "entries")} ignored: not PNG, JPEG or WebP by the name, or not where pictures are read`,
        ]
      : []),
    ...(oblong > 0
      ? [
          `${of(oblong)} oblong: ${fit === "cover" ? "the middle is taken (fit: contain keeps all)" : `margins are ${background} (fit: cover takes the middle)`}`,
        ]
      : []),
    ...(transparent > 0
      ? [`${of(transparent)} transparent in places: laid on ${background} (background)`]
      : []),
    ...(deep > 0 ? [`${of(deep)} of more than 8 bits per channel: the upper 8 are taken`] : []),
    ...(colour && channels === 1
      ? ["the pictures have colour, and channels is 1: they are read as grey"]
      : []),
    ...(size !== undefined && edges[1] > 0 && (edges[0] !== size || edges[1] !== size)
      ? [
          `edges of ${edges[0] === edges[1] ? edges[0] : `${edges[0]} to ${edges[1]}`} pixels are resized to ${size} (size)`,
        ]
      : []),
    ...(small.length > 0
      ? [`few training and test images: ${small.join(", ")}; what is said of such a class is rough`]
      : []),
  ];
}

const isTree = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

/** A copy with the option replaced; left out where `is` is undefined. */
function withValue(tree: unknown, [key, ...rest]: Path, is: unknown): unknown {
  if (key === undefined) return is;
  const { [key]: inner, ...others } = isTree(tree) ? tree : {};
  const value = withValue(inner, rest, is);
  return value === undefined ? others : { ...(tree as object), [key]: value };
}
