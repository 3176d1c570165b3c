/**
 * `npm:NAME[@VERSION]/GLOB`: pictures out of a package, fetched with the user's own npm client and so by whatever registry and
 * proxy that is set to use. The client checks the package against the registry's integrity; scripts are not run. The files
 * that the glob names are laid out as a folder in the cache, one folder a class, and read as `folder:DIR` is.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, link, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { promisify } from "node:util";
import { glob } from "tinyglobby";
import { makeFolder } from "../../core/disk.ts";
import { badConfig, badData, dataUnavailable, messageOf, usageError } from "../../core/errors.ts";
import { plural } from "../../core/format.ts";
import { hashOf } from "../../core/hash.ts";
import type { DatasetRequest, DatasetSource, LabelSource } from "./contract.ts";
import { folder } from "./folder.ts";
import { defaultCacheDir } from "./published.ts";

/** As in `npm:@scope/name@1.2.3/img/*.png`. */
export interface PackageSpec {
  readonly name: string;
  readonly version?: string;
  readonly glob: string;
}

/** @throws USAGE for a spec without a glob, or a name that is none */
export function parsePackage(argument: string): PackageSpec {
  const match = /^((?:@[a-z0-9~][\w.~-]*\/)?[a-z0-9~][\w.~-]*)(?:@([\w.+-]+))?\/(.+)$/.exec(argument);
  if (!match)
    throw usageError(
      `npm:${argument} names no pictures; expected npm:NAME[@VERSION]/GLOB, e.g. npm:emoji-datasource-google@16.0.0/img/google/64/*.png`,
    );
  const [, name, version, pattern] = match as unknown as [string, string, string | undefined, string];
  if (pattern.split("/").includes("..")) throw usageError(`npm:${argument}: the glob leaves the package`);
  return { name, version, glob: pattern };
}

const run = promisify(execFile);

/** npm's own words, without the colours and the path of its log. */
function npmWords(cause: unknown): string {
  const { stderr = "", code } = cause as { readonly stderr?: string; readonly code?: string | number };
  if (code === "ENOENT") return "there is no npm command";
  const lines = stderr.split("\n").filter((line) => /^npm (error|ERR!)/.test(line));
  const words = lines.map((line) => line.replace(/^npm (error|ERR!) ?(code )?/, "").trim());
  return (
    words
      .filter((line) => line !== "" && !/log of this run/.test(line))
      .slice(0, 3)
      .join("; ") || messageOf(cause)
  );
}

interface Installed {
  readonly folder: string;
  readonly version: string;
  readonly integrity: string;
}

/** What npm wrote of the package into its lock file. */
async function lockOf(place: string, name: string): Promise<Installed | undefined> {
  try {
    const lock = JSON.parse(await readFile(join(place, "package-lock.json"), "utf8")) as {
      readonly packages?: Readonly<
        Record<string, { readonly version?: string; readonly integrity?: string }>
      >;
    };
    const entry = lock.packages?.[`node_modules/${name}`];
    if (!entry?.version || !entry.integrity) return undefined;
    return { folder: join(place, "node_modules", name), version: entry.version, integrity: entry.integrity };
  } catch {
    return undefined;
  }
}

/** The package in the cache, fetched where it is not there. @throws DATA_UNAVAILABLE with npm's words */
async function installed({ name, version }: PackageSpec, request: DatasetRequest): Promise<Installed> {
  const root = join(request.cacheDir ?? defaultCacheDir(), "npm");
  const place = (of: string) => join(root, `${name.replace("/", "+")}@${of}`);
  const known = version === undefined ? undefined : await lockOf(place(version), name);
  if (known) return known;
  const wanted = version === undefined ? name : `${name}@${version}`;
  request.onProgress?.(`fetching ${wanted} with npm`, 0, 1);
  await makeFolder(root);
  const building = await mkdtemp(join(root, "fetching-"));
  try {
    await writeFile(join(building, "package.json"), '{ "private": true }\n');
    const omitted = ["dev", "optional", "peer"].map((kind) => `--omit=${kind}`);
    const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--no-progress"];
    await run("npm", ["install", ...quiet, ...omitted, "--package-lock=true", "--save-exact", "--", wanted], {
      cwd: building,
      maxBuffer: 2 ** 24,
      shell: process.platform === "win32", // npm is a script there
    });
    const found = await lockOf(building, name);
    if (!found) throw new Error("npm wrote no integrity of it into its lock file");
    return await inPlace(building, place(found.version), name);
  } catch (cause) {
    throw dataUnavailable(
      `${wanted} could not be fetched with npm: ${npmWords(cause)}. Check the name and the network, or lay the pictures out yourself and give folder:DIR.`,
      cause,
    );
  } finally {
    await rm(building, { recursive: true, force: true });
  }
}

/** Moves what was fetched to its place, or takes what another process has put there in the meantime. */
async function inPlace(building: string, place: string, name: string): Promise<Installed> {
  try {
    await rename(building, place);
  } catch (error) {
    const other = await lockOf(place, name);
    if (other) return other;
    await rm(place, { recursive: true, force: true });
    await rename(building, place).catch(() => {
      throw error;
    });
  }
  return (await lockOf(place, name))!;
}

/** Labels by the file's last name, from a JSON file of the package: the field of the innermost entry that has it. */
export function labelsIn(
  json: unknown,
  { key, field }: Pick<LabelSource, "key" | "field">,
): Map<string, string> {
  const labels = new Map<string, string>();
  const visit = (value: unknown, label: string | undefined): void => {
    if (typeof value !== "object" || value === null) return;
    const own = (value as Record<string, unknown>)[field];
    const here = typeof own === "string" || typeof own === "number" ? String(own) : label;
    const file = (value as Record<string, unknown>)[key];
    if (typeof file === "string" && here !== undefined) labels.set(basename(file), here);
    for (const inner of Object.values(value)) visit(inner, here);
  };
  visit(json, undefined);
  return labels;
}

/** The label as the name of a folder. */
const folderName = (label: string): string =>
  label.replaceAll(/[^\p{L}\p{N} &'+,.-]+/gu, "-").replace(/^\.+/, "") || "-";

/** The class of each file: by the JSON file, else by its folder where there are several, else one for all. */
async function classesOf(root: string, files: readonly string[], labels: LabelSource | undefined) {
  if (!labels) {
    const folders = new Set(files.map(dirname));
    return (file: string) => (folders.size > 1 ? folderName(basename(dirname(file))) : "image");
  }
  const { file: name, key, field } = labels;
  let json: unknown;
  try {
    json = JSON.parse(await readFile(join(root, name), "utf8"));
  } catch (cause) {
    throw badConfig(`dataset.labels.file ${name} of the package cannot be read: ${messageOf(cause)}`, cause);
  }
  const known = labelsIn(json, labels);
  const without = files.filter((file) => !known.has(basename(file)));
  if (without.length > 0)
    throw badConfig(
      `${plural(without.length, "picture")} of ${files.length} ${without.length === 1 ? "has" : "have"} no label in ${name} by ${key} and ${field}, first ${without[0]}. Narrow the glob, or name other fields.`,
    );
  return (file: string) => folderName(known.get(basename(file))!);
}

/** The folder of class folders that the spec names, made in the cache once. @throws BAD_DATA where the glob names nothing */
async function laidOut(spec: PackageSpec, request: DatasetRequest): Promise<string> {
  const { folder: root, version, integrity } = await installed(spec, request);
  const layout = hashOf({ integrity, glob: spec.glob, labels: request.labels ?? null }).slice(0, 16);
  const home = join(root, ...spec.name.split("/").map(() => ".."), "..");
  const place = join(home, `pictures-${layout}`);
  if (existsSync(place)) return place; // it is there whole or not at all
  const files = (await glob(spec.glob, { cwd: root, onlyFiles: true, followSymbolicLinks: false })).sort();
  if (files.length === 0)
    throw badData(`${spec.name}@${version} has no file that matches ${spec.glob}. Look into ${root}.`);
  const classOf = await classesOf(root, files, request.labels);
  const building = await mkdtemp(`${place}-`);
  const taken = new Set<string>();
  for (const file of files) {
    const label = classOf(file);
    const wanted = join(label, basename(file));
    // files of one name from several folders of one class
    const target = taken.has(wanted)
      ? join(label, `${basename(file, extname(file))}-${hashOf(file).slice(0, 8)}${extname(file)}`)
      : wanted;
    taken.add(target);
    const [from, to] = [join(root, file), join(building, target)];
    await makeFolder(dirname(to));
    await link(from, to).catch(() => copyFile(from, to)); // a cache may lie where there are no links
  }
  await rename(building, place).catch(async (error: unknown) => {
    await rm(building, { recursive: true, force: true });
    if (!existsSync(place)) throw error;
  });
  return place;
}

export const npm: DatasetSource = {
  describe: "pictures out of an npm package, fetched with your npm client",
  argument: "NAME[@VERSION]/GLOB",
  ofPictures: true,
  async load(argument, request) {
    const spec = parsePackage(argument);
    const place = await laidOut(spec, request);
    return { ...(await folder.load(place, request)), name: `npm:${argument}` };
  },
};
