import { relative, resolve } from "node:path";
import { BenchError } from "../../../core/errors.ts";
import { knownWords } from "../../../core/suggest.ts";
import type { Engine } from "../../../engine/contract.ts";
import { type Flags, type FlagValues, oneOf, positiveNumber, text, wholeNumber } from "../arguments.ts";
import { command } from "../command.ts";
import { type Io, printJson, printLine } from "../io.ts";
import { progressView, silent } from "../progress.ts";
import { formatTable } from "../table.ts";
import { runFlags } from "./run.ts";

const { device, engine, "allow-software-gpu": software, threads, quiet } = runFlags;

/** Written out, as help loads no room: the registry's order in harness/features/resize.ts. */
const resizeModes = ["area", "bilinear", "bilinear-antialias", "bilinear-tf1", "bicubic-antialias"] as const;

function numbers(given: string, flag: string): number[] {
  return given.split(",").map((word) => {
    const value = Number(word);
    if (word.trim() === "" || !Number.isFinite(value))
      throw new BenchError("USAGE", `--${flag} takes numbers parted by commas, not "${given}"`);
    return value;
  });
}

export const evaluateFlags = {
  real: {
    kind: "value",
    value: "SPEC",
    describe: "a dataset (its test split), a folder of images, or a .npy or .npz file",
    parse: text,
  },
  generated: {
    kind: "value",
    value: "SPEC",
    describe: "the images to be judged, given likewise",
    parse: text,
  },
  features: {
    kind: "value",
    value: "NAME",
    describe:
      "classifier, pixels, onnx:FILE[:output], or none where both sides are features; the harness's classifier by " +
      "default, which takes a dataset with labels as --real",
    parse: text,
  },
  metrics: {
    kind: "value",
    value: "A,B",
    describe: "which metrics; all by default (`bench list metrics`)",
    parse: text,
  },
  k: {
    kind: "value",
    value: "K",
    describe: "neighbours of precision, recall, density and coverage: 5 by default, or several, e.g. 3,5",
    parse: (given, flag) => given.split(",").map((k) => positiveNumber(k, flag)),
  },
  n: {
    kind: "value",
    value: "N",
    describe: "images drawn from each side, without replacement; all by default",
    parse: positiveNumber,
  },
  seed: { kind: "value", value: "S", describe: "seed of what is drawn; 0 by default", parse: wholeNumber },
  resize: {
    kind: "value",
    value: "PX",
    describe: "bring all images to PX by PX pixels, by area",
    parse: positiveNumber,
  },
  "onnx-size": {
    kind: "value",
    value: "PX",
    describe: "of onnx:FILE: edge of its input, where the file leaves it open",
    parse: positiveNumber,
  },
  "onnx-layout": {
    kind: "value",
    value: "NCHW|NHWC",
    describe: "order of its input's axes, where its shape does not tell",
    parse: oneOf(["NCHW", "NHWC"]),
  },
  "onnx-resize": {
    kind: "value",
    value: "MODE",
    describe: `how images are resized to it: ${resizeModes.join(", ")}`,
    parse: oneOf(resizeModes),
  },
  "onnx-range": {
    kind: "value",
    value: "RANGE",
    describe: "what pixels become: 0..1 (by default), 0..255, or --onnx-range=-1..1",
    parse: oneOf(["0..1", "-1..1", "0..255"]),
  },
  "onnx-mean": { kind: "value", value: "M,M,M", describe: "subtracted then", parse: numbers },
  "onnx-std": { kind: "value", value: "S,S,S", describe: "and divided by", parse: numbers },
  out: {
    kind: "value",
    value: "DIR",
    describe: "also write metrics.json, metrics.csv and metrics.html there",
    parse: text,
  },
  force: { kind: "switch", describe: "replace them where they exist" },
  device,
  engine,
  "allow-software-gpu": software,
  threads,
  json: { kind: "switch", describe: "print one JSON object" },
  quiet,
} as const satisfies Flags;

export const evaluate = command({
  describe: "score anybody's samples: every metric, its real-against-real floor and its noise ceiling",
  flags: evaluateFlags,
  notes:
    "Arrays are uint8 [n, height, width, channels], or floats in [0, 1] or [-1, 1]; with --features none\n" +
    "float32 or float64 [n, width]. The classifier is trained once and kept in the cache ($BENCH_CACHE).",
  async run({ flags }, io, parts) {
    const { real, generated, out, n } = flags;
    if (real === undefined || generated === undefined)
      throw new BenchError(
        "USAGE",
        "evaluate needs --real SPEC and --generated SPEC; see `bench evaluate --help`",
      );
    if (n === 1) throw new BenchError("USAGE", "--n 1: two images are the least");
    const metrics = await metricsNamed(flags.metrics);
    const { checkOutput, evaluate, writeOutput, ...tables } = await import("../../evaluate/index.ts");
    const folder = out === undefined ? undefined : resolve(io.cwd, out);
    if (folder !== undefined) await checkOutput(folder, flags.force);
    const view = flags.quiet ? silent : progressView(io);
    let opened: Promise<Engine> | undefined;
    const openOnce = () => {
      opened ??= openEngine(flags, io, parts);
      return opened;
    };
    try {
      const result = await evaluate({
        real,
        generated,
        cwd: io.cwd,
        features: flags.features,
        metrics,
        ks: flags.k ?? [5],
        n,
        seed: flags.seed ?? 0,
        resize: flags.resize,
        model: modelOptions(flags),
        engine: openOnce,
        note: (message) => io.stderr.write(`note: ${message}\n`),
        progress: (message, { done, total }) => view.onDownload(message, done, total),
      });
      view.close();
      const files = folder === undefined ? [] : await writeOutput(folder, result);
      if (flags.json) printJson(io, result);
      else {
        const { columns, legend, rows } = tables;
        const right = ["value", "floor", "ceiling"];
        printLine(
          io,
          `${result.n.generated} generated against ${result.n.real} real images, features: ${result.features.name}`,
        );
        printLine(io);
        printLine(
          io,
          formatTable(
            columns.map((title) => ({ title, align: right.includes(title) ? "right" : "left" })),
            rows(result),
          ),
        );
        printLine(io);
        for (const line of legend(result)) printLine(io, line);
        for (const { metric, why } of result.undefined) printLine(io, `undefined: ${metric}: ${why}`);
        if (folder !== undefined) printLine(io, `${files.join(", ")} in ${relative(io.cwd, folder) || "."}`);
      }
      return 0;
    } finally {
      view.close();
      await opened?.then(
        (engine) => engine.dispose(),
        () => undefined,
      );
    }
  },
});

type Values = FlagValues<typeof evaluateFlags>;

/** Only what was given: an option that is there at all is refused for other features. */
function modelOptions(flags: Values) {
  const options = {
    size: flags["onnx-size"],
    layout: flags["onnx-layout"],
    resize: flags["onnx-resize"],
    range: flags["onnx-range"],
    mean: flags["onnx-mean"],
    std: flags["onnx-std"],
    threads: flags.threads,
  };
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof typeof options]?: NonNullable<(typeof options)[K]>;
  };
}

async function openEngine(
  flags: Values,
  io: Io,
  parts: Parameters<(typeof evaluate)["run"]>[2],
): Promise<Engine> {
  const { device, engine, threads } = flags;
  const limit = threads === undefined ? {} : { threads };
  const request = {
    device: device ?? "auto",
    engine: engine ?? "auto",
    allowSoftwareGpu: flags["allow-software-gpu"],
    ...limit,
  };
  const chosen = await parts.chooseEngine(request, io.entry);
  return parts.openEngine(
    { engine: chosen.name, provider: chosen.provider },
    { device: chosen.device, ...limit },
  );
}

/** By the name in `bench list metrics` or in the output, e.g. modeCount, mode_count, precision_k5. */
async function metricsNamed(given: string | undefined) {
  if (given === undefined) return undefined;
  const { metricNames } = await import("../../../metrics/index.ts");
  const plain = (name: string) =>
    name
      .replace(/_k\d+$/, "")
      .replaceAll("_", "")
      .toLowerCase();
  const chosen = given.split(",").map((name) => {
    const found = metricNames.find((metric) => plain(metric) === plain(name));
    if (found) return found;
    throw new BenchError("USAGE", `there is no metric "${name}"${knownWords(name, metricNames)}`);
  });
  return [...new Set(chosen)];
}
