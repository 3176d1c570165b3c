/** `bench data`: lists datasets, downloads published ones, checks files, and clears what is kept of features. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { badData, dataUnavailable, messageOf, usageError } from "../../core/errors.ts";
import { plural } from "../../core/format.ts";
import { sha256 as sha256Of } from "../../core/hash.ts";
import { knownWords } from "../../core/suggest.ts";
import {
  datasetFacts,
  datasetSources,
  defaultCacheDir,
  fetchPublished,
  loadDataset,
  type PublishedDataset,
  parseDatasetSpec,
  published,
} from "../datasets/index.ts";
import { clearFeatures } from "../features/index.ts";
import { pictureNotes } from "../suite/index.ts";
import { command, type Io } from "./command.ts";
import { type FlagValues, text, toggle, value, wordOf } from "./flags.ts";
import { grouped, printJson, printLine, printTable } from "./output.ts";
import { withProgress } from "./progress.ts";

const dataFlags = {
  cache: value("DIR", "where downloads are kept; $BENCH_CACHE by default", text),
  json: toggle("print JSON"),
  quiet: toggle("no progress on stderr"),
};

/** What is done with the datasets that are named, and prints it. */
type Action = (names: readonly string[], flags: FlagValues<typeof dataFlags>, io: Io) => Promise<void>;

/** Edge in pixels at which files are decoded for a check; the files are the same at every size. */
const CHECK_SIZE = 28;

const sources: Readonly<Record<string, PublishedDataset>> = published;

/** The sources of datasets: what to write for each, and what it is. */
export const datasetRows = (): { name: string; description: string }[] =>
  Object.entries<{ describe: string; argument?: string }>(datasetSources).map(
    ([name, { describe, argument }]) => ({
      name: argument ? `${name}:${argument}` : name,
      description: describe,
    }),
  );

const actions = {
  async list(names, { cache, json }, io) {
    if (names.length > 0) throw usageError("data list takes no dataset: leave it out");
    const rows = await Promise.all(
      datasetRows().map(async ({ name, description }) => ({
        name,
        files: sources[name] ? await presence(name, sources[name], cache) : "local",
        description,
      })),
    );
    if (json) return printJson(io, rows);
    printTable(io, ["name", "files", "description"], rows.map(Object.values<string>));
  },

  async fetch(names, { cache, json, quiet }, io) {
    const wanted = named("fetch", names).map((name) => [name, publishedNamed(name)] as const);
    const fetched: { name: string; folder: string }[] = [];
    await withProgress(io, quiet, async ({ onDownload: onProgress }) => {
      for (const [name, dataset] of wanted)
        fetched.push({ name, folder: await fetchPublished(name, dataset, { onProgress, cacheDir: cache }) });
    });
    if (json) return printJson(io, fetched);
    for (const { name, folder } of fetched) printLine(io, `${name}: ${folder}`);
  },

  async verify(names, { cache, json }, io) {
    const verified = [];
    for (const spec of named("verify", names)) {
      const { name } = parseDatasetSpec(spec);
      if (sources[name]) await checkFiles(name, sources[name], cache);
      const facts = datasetFacts(await loadDataset(spec, { size: CHECK_SIZE, seed: 0, cacheDir: cache }));
      const { train, test, classes, channels, pictures } = facts;
      verified.push({ name: spec, train, test, classes: classes.length, channels, pictures, facts });
    }
    if (json)
      return printJson(
        io,
        verified.map(({ facts: _, ...shown }) => shown),
      );
    for (const { name, train, test, classes, channels, facts } of verified) {
      printLine(
        io,
        `${name}: fine; ${train} training and ${test} test images of ${plural(classes, "class", "classes")}, ${channels === 1 ? "grey" : "colour"}`,
      );
      const { pictures } = facts;
      if (!pictures) continue;
      for (const note of pictureNotes(facts)) printLine(io, `  ${note}`);
      for (const [i, [train, test]] of pictures.counts.entries())
        printLine(io, `  ${facts.classes[i]}: ${train} training and ${test} test images`);
    }
  },

  async clear(names, { cache, json }, io) {
    if (names.length > 0) throw usageError("data clear takes no dataset: leave it out");
    const freed = await clearFeatures(cache);
    if (json) return printJson(io, { freed });
    printLine(
      io,
      freed === 0 ? "no features are kept" : `kept features removed: ${grouped(freed)} bytes freed`,
    );
  },
} satisfies Record<string, Action>;

export default command({
  flags: dataFlags,
  positionals: {
    action: wordOf(
      Object.keys(actions) as (keyof typeof actions)[],
      "list; fetch NAME... downloads; verify DATASET... checks files, e.g. mnist or idx:DIR; clear removes kept features",
    ),
    dataset: { type: "string", array: true, describe: "what is fetched or verified" },
  },
  async run(flags, io) {
    await actions[flags.action](flags.dataset ?? [], flags, io);
    return 0;
  },
});

function named(action: string, names: readonly string[]): readonly string[] {
  if (names.length > 0) return names;
  throw usageError(`data ${action} needs a dataset; see \`bench data list\``);
}

function publishedNamed(name: string): PublishedDataset {
  const dataset = Object.hasOwn(sources, name) ? sources[name] : undefined;
  if (dataset) return dataset;
  throw usageError(`"${name}" cannot be downloaded${knownWords(name, Object.keys(sources))}`);
}

const pathsOf = (name: string, { files }: PublishedDataset, cache = defaultCacheDir()) =>
  files.map((file) => ({ ...file, path: join(cache, name, file.name) }));

/** Which of a dataset's files lie in the cache, by their sizes. */
async function presence(
  name: string,
  dataset: PublishedDataset,
  cache: string | undefined,
): Promise<"present" | "incomplete" | "absent"> {
  const isThere = ({ path, bytes }: { path: string; bytes: number }) =>
    readFile(path).then(
      (content) => content.length === bytes,
      () => false,
    );
  const there = await Promise.all(pathsOf(name, dataset, cache).map(isThere));
  if (there.every(Boolean)) return "present";
  return there.some(Boolean) ? "incomplete" : "absent";
}

/** Reads the cache and never the network. @throws DATA_UNAVAILABLE, BAD_DATA */
async function checkFiles(name: string, dataset: PublishedDataset, cache: string | undefined): Promise<void> {
  for (const { path, sha256 } of pathsOf(name, dataset, cache)) {
    const content = await readFile(path).catch((cause: unknown) => {
      const message = `${name} is not complete: ${messageOf(cause)}. Get it with \`bench data fetch ${name}\`.`;
      throw dataUnavailable(message, cause);
    });
    const actual = sha256Of(content);
    if (actual !== sha256)
      throw badData(
        `${path}: sha256 is ${actual}, published is ${sha256}. Replace it with \`bench data fetch ${name}\`.`,
      );
  }
}
