/** `bench data`: what is published and present, downloads, and checks. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { BenchError, messageOf } from "../../core/errors.ts";
import { knownWords } from "../../core/suggest.ts";
import { datasetFacts, loadDataset, parseDatasetSpec } from "../datasets/index.ts";
import { defaultCacheDir, fetchPublished, type PublishedDataset, published } from "../datasets/published.ts";
import type { FlagValues } from "./arguments.ts";
import type { dataFlags } from "./commands/data.ts";
import type { ExitCode } from "./exit.ts";
import { type Io, printJson, printLine } from "./io.ts";
import { progressView, silent } from "./progress.ts";
import { registries } from "./registries.ts";
import { formatTable } from "./table.ts";

type Action = (names: readonly string[], flags: FlagValues<typeof dataFlags>, io: Io) => Promise<ExitCode>;

/** Edge in pixels at which files are decoded for a check; the files are the same at every size. */
const CHECK_SIZE = 28;

const sources: Readonly<Record<string, PublishedDataset>> = published;

type Presence = "present" | "incomplete" | "absent";

export const dataActions = {
  async list(_names, { cache, json }, io) {
    const rows = await Promise.all(
      (await registries.datasets()).map(async ({ name, description }) => ({
        name,
        files: sources[name] ? await presence(name, sources[name], cache) : "local",
        description,
      })),
    );
    if (json) printJson(io, rows);
    else
      printLine(
        io,
        formatTable(
          [{ title: "name" }, { title: "files" }, { title: "description" }],
          rows.map(({ name, files, description }) => [name, files, description]),
        ),
      );
    return 0;
  },

  async fetch(names, { cache, json, quiet }, io) {
    const wanted = names.map((name) => [name, publishedNamed(name)] as const);
    const view = quiet ? silent : progressView(io);
    const fetched: { name: string; folder: string }[] = [];
    for (const [name, dataset] of wanted) {
      const request = { onProgress: view.onDownload, cacheDir: cache };
      fetched.push({ name, folder: await fetchPublished(name, dataset, request) });
    }
    view.close();
    if (json) printJson(io, fetched);
    else for (const { name, folder } of fetched) printLine(io, `${name}: ${folder}`);
    return 0;
  },

  async verify(names, { cache, json }, io) {
    const verified = [];
    for (const spec of names) {
      const { name } = parseDatasetSpec(spec);
      if (sources[name]) await checkFiles(name, sources[name], cache);
      const dataset = await loadDataset(spec, {
        size: CHECK_SIZE,
        channels: 1,
        seed: 0,
        cacheDir: cache,
      });
      const { train, test, classes } = datasetFacts(dataset);
      verified.push({ name: spec, train, test, classes: classes.length });
    }
    if (json) printJson(io, verified);
    else
      for (const { name, train, test, classes } of verified)
        printLine(io, `${name}: fine; ${train} training and ${test} test images of ${classes} classes`);
    return 0;
  },
} satisfies Record<string, Action>;

function publishedNamed(name: string): PublishedDataset {
  const dataset = Object.hasOwn(sources, name) ? sources[name] : undefined;
  if (dataset) return dataset;
  throw new BenchError("USAGE", `"${name}" is nothing to download${knownWords(name, Object.keys(sources))}`);
}

const pathsOf = (name: string, { files }: PublishedDataset, cache = defaultCacheDir()) =>
  files.map((file) => ({ ...file, path: join(cache, name, file.name) }));

async function presence(
  name: string,
  dataset: PublishedDataset,
  cache: string | undefined,
): Promise<Presence> {
  const found = await Promise.all(
    pathsOf(name, dataset, cache).map(({ path, bytes }) =>
      readFile(path).then(
        (content) => content.length === bytes,
        () => false,
      ),
    ),
  );
  if (found.every(Boolean)) return "present";
  return found.some(Boolean) ? "incomplete" : "absent";
}

/** Reads what is there and never the network. @throws DATA_UNAVAILABLE, BAD_DATA */
async function checkFiles(name: string, dataset: PublishedDataset, cache: string | undefined): Promise<void> {
  for (const { path, sha256 } of pathsOf(name, dataset, cache)) {
    const content = await readFile(path).catch((cause: unknown) => {
      const message = `${name} is not complete: ${messageOf(cause)}. Get it with \`bench data fetch ${name}\`.`;
      throw new BenchError("DATA_UNAVAILABLE", message, { cause });
    });
    const found = createHash("sha256").update(content).digest("hex");
    if (found !== sha256)
      throw new BenchError(
        "BAD_DATA",
        `${path}: sha256 is ${found}, published is ${sha256}. Replace it with \`bench data fetch ${name}\`.`,
      );
  }
}
