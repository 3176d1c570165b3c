/** `bench evaluate`: every metric on any samples, with the scores of real images and of noise beside it. */
import { resolve } from "node:path";
import { usageError } from "../../core/errors.ts";
import { knownWords } from "../../core/suggest.ts";
import { type MetricName, metricNames } from "../../metrics/index.ts";
import { type EvaluationRequest, evaluate } from "../evaluate/evaluate.ts";
import { checkOutput, writeOutput } from "../evaluate/output.ts";
import { columns, type EvaluationResult, legend, rows } from "../evaluate/result.ts";
import { pixelRanges, type ResizeMode, resizers } from "../features/index.ts";
import { command, type Io } from "./command.ts";
import { engineFlags, withEngine } from "./engine.ts";
import {
  choice,
  commaSeparated,
  duration,
  type FlagValues,
  positiveNumber,
  required,
  text,
  toggle,
  upTo,
  value,
  wholeNumber,
} from "./flags.ts";
import { printJson, printLine, printTable, right, shownPath } from "./output.ts";
import { type ProgressView, withProgress } from "./progress.ts";

const { precision: _, ...evaluationEngine } = engineFlags;

function finiteNumber(given: string): number {
  const number = Number(given);
  if (given === "" || !Number.isFinite(number))
    throw new Error(`takes numbers separated by commas, not "${given}"`);
  return number;
}

/** By the name in `bench list metrics` or in the output, e.g. modeCount, mode_count, precision_k5. */
function metricName(given: string): MetricName {
  const plain = (name: string) =>
    name
      .replace(/_k\d+$/, "")
      .replaceAll("_", "")
      .toLowerCase();
  const name = metricNames.find((metric) => plain(metric) === plain(given));
  if (name) return name;
  throw new Error(`cannot be "${given}"${knownWords(given, metricNames)}`);
}

export const evaluateFlags = {
  real: required(
    value("SPEC", "a dataset (its test split), a folder of images, or a .npy or .npz file", text),
  ),
  generated: required(value("SPEC", "the images to judge, given in the same way", text)),
  training: value(
    "SPEC",
    "what the generator was trained on (of a dataset the training split), for fld and fldGap; by default nothing",
    text,
  ),
  features: value(
    "NAME",
    "classifier, pixels, onnx:FILE[:output], or none where both sides are features; by default the harness's " +
      "classifier, which takes a dataset with labels as --real",
    text,
  ),
  metrics: value(
    "A,B",
    "metrics to compute; all by default (`bench list metrics`)",
    commaSeparated(metricName),
  ),
  k: value(
    "K",
    "neighbours of precision, recall, density and coverage: 5 by default, or several, e.g. 3,5",
    commaSeparated(positiveNumber),
  ),
  n: value("N", "images drawn from each side, without replacement; all by default", positiveNumber),
  seed: value("S", "seed of the drawing; 0 by default", wholeNumber),
  resize: value("PX", "resize all images to PX by PX pixels, by area", upTo(4096)),
  "onnx-size": value("PX", "for onnx:FILE: edge of its input, where the file leaves it open", upTo(4096)),
  "onnx-layout": choice(
    ["NCHW", "NHWC"],
    "for onnx:FILE: order of its input's axes, where the shape does not say it",
  ),
  "onnx-resize": choice(
    Object.keys(resizers) as ResizeMode[],
    "for onnx:FILE: how images are resized to its input",
  ),
  "onnx-range": choice(
    Object.keys(pixelRanges) as (keyof typeof pixelRanges)[],
    "for onnx:FILE: what pixels become; 0..1 by default; write --onnx-range=-1..1",
  ),
  "onnx-mean": value("M,M,M", "for onnx:FILE: then subtracted", commaSeparated(finiteNumber)),
  "onnx-std": value("S,S,S", "for onnx:FILE: then divided by", commaSeparated(finiteNumber)),
  "time-limit": value(
    "TIME",
    "for onnx:FILE: end a pass over a batch that takes longer; 10m by default, 8s where it has loops",
    (given) => {
      const seconds = duration(given);
      if (seconds <= 0) throw new Error(`takes a time above 0, not "${given}"`);
      return seconds;
    },
  ),
  "memory-limit": value(
    "GIB",
    "for onnx:FILE: end its process where it takes more; by its size by default",
    (given) => {
      const gib = finiteNumber(given);
      if (gib <= 0) throw new Error(`takes a number above 0, not "${given}"`);
      return gib;
    },
  ),
  out: value("DIR", "also write metrics.json, metrics.csv and metrics.html to this folder", text),
  force: toggle("replace these files where they exist"),
  ...evaluationEngine,
  json: toggle("print one JSON object"),
  quiet: toggle("no progress on stderr"),
};

type EvaluateFlags = FlagValues<typeof evaluateFlags>;

export default command({
  flags: evaluateFlags,
  notes:
    "Arrays are uint8 [n, height, width, channels], or floats in [0, 1] or [-1, 1]; with --features none " +
    "float32 or float64 [n, width]. The classifier is trained once and kept in the cache ($BENCH_CACHE).",
  async run(flags, io, rooms) {
    if (flags.n === 1) throw usageError("--n takes a whole number of at least 2, not 1");
    const folder = flags.out === undefined ? undefined : resolve(io.cwd, flags.out);
    if (folder !== undefined) await checkOutput(folder, flags.force);
    const result = await withProgress(io, flags.quiet, (view) =>
      withEngine(flags, io, rooms, (engine) => evaluate({ ...requestOf(flags, io, view), engine })),
    );
    const files = folder === undefined ? [] : await writeOutput(folder, result);
    if (flags.json) printJson(io, result);
    else printResult(result, io);
    if (!flags.json && folder !== undefined) printLine(io, `${files.join(", ")} in ${shownPath(io, folder)}`);
    return 0;
  },
});

function requestOf(flags: EvaluateFlags, io: Io, view: ProgressView): Omit<EvaluationRequest, "engine"> {
  const { real, generated, training, features, metrics, k: ks = [5], n, seed = 0, resize } = flags;
  return {
    ...{ real, generated, training, cwd: io.cwd, entry: io.entry, features, ks, n, seed, resize },
    metrics: metrics && [...new Set(metrics)],
    model: modelOptions(flags),
    note: (message) => io.stderr.write(`note: ${message}\n`),
    progress: view.onDownload,
  };
}

/** Only the given options: one that has a key at all is refused for features other than onnx:FILE. */
function modelOptions(flags: EvaluateFlags): EvaluationRequest["model"] {
  const names = ["size", "layout", "resize", "range", "mean", "std"] as const;
  const options = [
    ...names.map((name) => [name, flags[`onnx-${name}`]]),
    ["threads", flags.threads],
    ["timeLimit", flags["time-limit"]],
    ["memoryLimit", flags["memory-limit"]],
  ];
  return Object.fromEntries(options.filter(([, value]) => value !== undefined));
}

function printResult(result: EvaluationResult, io: Io): void {
  const { n, features } = result;
  const numeric = ["value", "floor", "ceiling"];
  printLine(io, `${n.generated} generated against ${n.real} real images, features: ${features.name}\n`);
  printTable(
    io,
    columns.map((title) => (numeric.includes(title) ? right(title) : title)),
    rows(result),
  );
  printLine(io);
  for (const line of legend(result)) printLine(io, line);
  for (const { metric, why } of result.undefined) printLine(io, `undefined: ${metric}: ${why}`);
}
