/** Suites, and the flags and addresses that go with them, as the command takes them. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { BenchError } from "../../src/core/errors.ts";
import { main } from "../../src/harness/cli/main.ts";
import { parseQueueUrl } from "../../src/harness/run/queue/connection.ts";
import { type Row, row } from "./table.ts";

/** Runs the command here and throws what it prints, as the error that it was. */
async function command(folder: string, words: readonly string[]): Promise<unknown> {
  const printed: Record<"stdout" | "stderr", string[]> = { stdout: [], stderr: [] };
  const code = await main([...words], {
    stdout: { write: (text: string) => printed.stdout.push(text) },
    stderr: { write: (text: string) => printed.stderr.push(text) },
    env: {},
    cwd: folder,
    entry: join(process.cwd(), "bin/bench.js"),
  });
  const stderr = printed.stderr.join("");
  if (code === 0) return printed.stdout.join("");
  const [, of = "INTERNAL", message = stderr] = /^error ([A-Z_]+): ([\s\S]*)\n$/.exec(stderr) ?? [];
  throw new BenchError(of as "USAGE", message);
}

const START = "name: x\ndataset: { source: shapes, size: 8, train: 60, test: 60 }\n";
const MODELS = "models:\n  gan: { type: dcgan, images: 64, batch: 8 }\n";
const STAGES = "stages: { stability: {} }\n";

const text = (name: string, content: string | Uint8Array, says: RegExp): Row =>
  row(
    `suite: ${name}`,
    (folder) => {
      writeFileSync(join(folder, "x.yaml"), content);
      return command(folder, ["run", "--suite", "x.yaml", "--dry-run", "--quiet"]);
    },
    "BAD_CONFIG",
    says,
  );
const set = (
  option: string,
  says = /x\.yaml|--set|suite|stages|dataset|models|seeds|judge|classifier|tune/,
  code: "BAD_CONFIG" | "USAGE" = "BAD_CONFIG",
): Row =>
  row(
    `--set ${option.slice(0, 70)}`,
    (folder) => {
      writeFileSync(join(folder, "x.yaml"), START + MODELS + STAGES);
      return command(folder, ["run", "--suite", "x.yaml", "--dry-run", "--quiet", "--set", option]);
    },
    code,
    says,
  );

const laughs = `a: &a [${Array(10).fill("x").join()}]\n${[..."bcdefghi"].map((name, i) => `${name}: &${name} [${Array(10).fill(`*${"abcdefgh"[i]}`).join()}]`).join("\n")}\n`;
const many = (count: number, line: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => line(i)).join("\n");

const yaml: Row[] = [
  text("nothing", "", /x\.yaml|suite/),
  ...["3", "null", "[]", "true", "x"].map((value) => text(value, value, /suite|x\.yaml/)),
  text("an alias bomb", laughs, /unfold to far more/),
  text("an alias bomb of options", laughs.replaceAll("[", "[{b: 1},"), /unfold|flow|x\.yaml/),
  text("an alias that leads nowhere", `${START}models: *x\n`, /Unresolved alias/),
  text("a list that holds itself", `${START}models: &a [*a]\n`, /./),
  text("options that hold themselves", `${START}models: &a\n  b: *a\n`, /nests more than 50|models/),
  ...["3", "x", "[1, 2]", "null", "[[{a: 1}]]"].map((source) =>
    text(`a merge of ${source}`, `${START}models: { <<: ${source} }\n`, /merge key|models/),
  ),
  text(
    "3,000 levels of blocks",
    many(700, (i) => `${" ".repeat(i)}a:`),
    /nest/,
  ),
  text(
    "deep blocks in 256 kB",
    Array.from({ length: 3000 }, (_, i) => `${" ".repeat(i)}a:`)
      .join("\n")
      .slice(0, 2 ** 18),
    /nest|x\.yaml/,
  ),
  text("5 MB", "#".repeat(5e6), /5000000 bytes/),
  text("10,000 brackets", "[".repeat(10_000), /nest too deep/),
  text("10,000 braces", "{a: ".repeat(10_000), /nest too deep/),
  text("10,000 dashes", "- ".repeat(10_000), /nest too deep/),
  text("10,000 question marks", "? ".repeat(10_000), /nest too deep/),
  text(
    "100 levels of options",
    `${START}${MODELS.replace("batch: 8", `options: ${"{a: ".repeat(100)}1${"}".repeat(100)}`)}`,
    /nests more than 50/,
  ),
  text(
    "5,000 anchors",
    many(5000, (i) => `k${i}: &a${i} 1`),
    /5000 anchors and aliases/,
  ),
  text("5,000 aliases", `a: &a 1\n${many(5000, (i) => `k${i}: *a`)}`, /5001 anchors and aliases/),
  text(
    "15,000 options",
    many(15_000, (i) => `k${i}: 1`),
    /unknown option/,
  ),
  text("one option twice", `${START}name: y\n`, /x\.yaml:3:1: name is stated twice/),
  text("an option that is a list", "? [a, b]\n: 1\n", /a name is a word/),
  text("two documents", `${START}---\n${START}`, /multiple documents/),
  text("Latin-1", Buffer.from(`${START}description: caf\u00e9\n`, "latin1"), /not UTF-8/),
  text("UTF-16", Buffer.from(`\ufeff${START}`, "utf16le"), /not UTF-8/),
  text("an escape sequence", `${START}"\\e[2J": 1\n`, /unknown option "\ufffd\[2J"/),
  text("zero bytes", "\u0000\u0000name: x", /x\.yaml|suite/),
  text("an unknown tag", `${START}models: !<tag:x> 3\n`, /./),
  text("binary", `${START}models: !!binary aGVsbG8=\n`, /models/),
  ...["", "models", "stages", "dataset"].map((place) =>
    text(
      `__proto__ under ${place || "the suite"}`,
      place === ""
        ? `${START}__proto__: { a: 1 }\n`
        : place === "dataset"
          ? "name: x\ndataset: { __proto__: { a: 1 } }\n"
          : `${START}${place}: { __proto__: { a: 1 } }\n`,
      /unknown option "__proto__"/,
    ),
  ),
  text(
    "__proto__ under a model's options",
    `${START}${MODELS.replace("batch: 8", "options: { __proto__: { depth: 3 } }")}`,
    /unknown option "__proto__" in models\.gan\.options/,
  ),
  ...["constructor", "toString", "valueOf", "hasOwnProperty"].flatMap((name) => [
    text(`an option called ${name}`, `${START}${MODELS}${STAGES}${name}: 1\n`, /unknown option/),
    text(
      `a type called ${name}`,
      `${START}models:\n  gan: { type: ${name}, images: 64 }\n${STAGES}`,
      /unknown type/,
    ),
    text(`a stage called ${name}`, `${START}${MODELS}stages: { ${name}: {} }\n`, /unknown option/),
    text(
      `a sampler called ${name}`,
      `${START}models:\n  d: { type: ddpm, images: 64, options: { base: 8, groups: 4 }, sampling: [{ sampler: ${name}, steps: [2] }] }\n${STAGES}`,
      /sampler/,
    ),
    text(
      `a teacher called ${name}`,
      `${START}models:\n  s: { type: progressive, images: 64, teacher: ${name} }\n${STAGES}`,
      /no model/,
    ),
  ]),
];

/** A billion of anything, and numbers that are none. */
const billions: Row[] = [
  ...[
    "seeds",
    "dataset.train",
    "dataset.test",
    "dataset.size",
    "models.gan.batch",
    "models.gan.options.generatorWidth",
    "models.gan.options.discriminatorWidth",
    "models.gan.options.latent",
    "models.gan.options.depth",
    "models.gan.options.discriminatorSteps",
    "classifier.batch",
    "stages.stability.checkpoints",
    "stages.diversity.n",
    "stages.diversity.batch",
    "stages.diversity.k",
    "stages.diversity.grid",
    "stages.latency.processes",
    "stages.latency.requests",
    "stages.latency.seconds",
    "stages.cost.seconds",
    "stages.forward.rows",
    "stages.forward.columns",
    "stages.likelihood.images",
    "stages.likelihood.batch",
    "stages.control.n",
    "stages.control.images",
    "stages.control.fills",
    "stages.control.repeated",
    "tune.trials",
    "tune.rungs",
    "tune.seeds",
    "tune.eta",
    "tune.n",
  ].flatMap((option) => [set(`${option}=1000000000`), set(`${option}=1e300`)]),
  ...["models.gan.images", "classifier.images", "seed"].map((option) => set(`${option}=9e15`)),
  ...["stages.latency.batches", "stages.cost.batches"].map((option) => set(`${option}=[1000000000]`)),
  ...["stages.data.sizes", "stages.sensitivity.factors", "stages.control.guidance"].map((option) =>
    set(`${option}=[${Array.from({ length: 100 }, (_, i) => i + 1).join()}]`),
  ),
  ...["stages.data", "stages.sensitivity"].map((stage) =>
    set(`${stage}={sizes: [10, 20], seeds: 1000000000}`),
  ),
  ...["base", "blocks", "timesteps", "heads", "groups"].map((option) =>
    set(`models={d: {type: ddpm, images: 64, options: {${option}: 1000000000}}}`, /options/),
  ),
  set(
    "models={d: {type: ddpm, images: 64, options: {base: 4096, multipliers: [64, 64], blocks: 64}}}",
    /parameters, and at most/,
  ),
  set(
    "models={d: {type: ddpm, images: 64, options: {multipliers: [1, 1, 1, 1, 1, 1, 1, 1, 1]}}}",
    /multipliers/,
  ),
  set(
    "models={d: {type: consistency-training, images: 64, options: {levelsLast: 1000000000}}}",
    /levelsLast/,
  ),
  ...[0, -1, 0.5, ".nan", ".inf", "-.inf", "x", "[]", "{}", "true"].map((value) =>
    set(`models.gan.batch=${value}`, /batch/),
  ),
  ...["-1", "0", "1.5", "x"].map((value) => set(`seeds=${value}`, /seeds/)),
  set("dataset.source=stacked:stacked:shapes", /stacked itself|unknown dataset/, "USAGE"),
  row(
    "stacked 100,000 times over",
    (folder) =>
      command(folder, ["run", "--dry-run", "--quiet", "--dataset", `${"stacked:".repeat(100_000)}shapes`]),
    "USAGE",
    /stacked itself/,
  ),
  ...["*x", "&a [*a", "[1", "{a: 1", "'", "!!x", "<<: 3", "[[[[["].map((value) =>
    set(`name=${value}`, /./, value === "!!x" ? "BAD_CONFIG" : "USAGE"),
  ),
  ...["", "=", "=1", "a", "a..b=1", ".=1"].map((option) => set(option, /key=value|needs a value/, "USAGE")),
  set("__proto__.polluted=1", /unknown option|no "/),
  set("models.__proto__.x=1", /no "__proto__"/),
  set("constructor.prototype.x=1", /unknown option/),
  set(`name=${"[".repeat(5000)}`, /nest too deep/, "USAGE"),
];

const flag = (words: readonly string[], says: RegExp): Row =>
  row(words.join(" ").slice(0, 80), (folder) => command(folder, words), "USAGE", says);

const flags: Row[] = [
  ...["1e9", "1000000000", "0", "-1", "1.5", "x", ""].map((n) =>
    flag(["sample", "--checkpoint", "x", "--out", "x.png", `--n=${n}`], /takes a whole number|needs a value/),
  ),
  ...["100000", "1000000000", "0"].map((n) =>
    flag(["run", "--dry-run", `--threads=${n}`], /takes a whole number/),
  ),
  ...["1000000000", "5000"].map((n) =>
    flag(["evaluate", "--real", "a", "--generated", "b", `--resize=${n}`], /from 1 to 4096/),
  ),
  flag(["evaluate", "--real", "a", "--generated", "b", "--resize=4000"], /wide, and 3072 is/),
  ...["0", "-1", "x", "1y"].map((time) =>
    flag(["evaluate", "--real", "a", "--generated", "b", `--time-limit=${time}`], /takes a time/),
  ),
  ...["0", "-1", "x"].map((gib) =>
    flag(["evaluate", "--real", "a", "--generated", "b", `--memory-limit=${gib}`], /takes/),
  ),
  flag(["run", "--dry-run", "--shard=1/1000000000"], /takes i\/n/),
  ...[
    "redis://u:p%zz@h",
    "redis://%ff@h",
    "redis://",
    "http://h",
    "x",
    "redis://h/a",
    "redis://h/99999",
    "redis://h:99999",
    "redis://h:1/0/1",
  ].map((url) => row(`--queue ${url}`, () => parseQueueUrl(url), "USAGE", /--queue takes the address/)),
];

export const rows: readonly Row[] = [...yaml, ...billions, ...flags];
