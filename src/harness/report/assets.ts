/**
 * Files that a page carries inside itself: its styles, and its script, which is bundled from `page/`. A build puts them
 * into `assets/` beside its output; in a checkout the styles are read in place and the script is bundled on first need.
 */
import { existsSync, realpathSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert } from "../../core/errors.ts";

const names = ["report.css", "decision.css", "page.js"] as const;
export type AssetName = (typeof names)[number];
export type Assets = Readonly<Record<AssetName, string>>;

/** All of them, by name. */
export async function readAssets(): Promise<Assets> {
  const read = await Promise.all(names.map(async (name) => [name, await readAsset(name)] as const));
  return Object.fromEntries(read) as Record<AssetName, string>;
}

/** Looks beside the entry, then beside this module. */
export async function readAsset(name: AssetName): Promise<string> {
  const entry = process.argv[1];
  const places = [
    ...(entry && existsSync(entry) ? [join(dirname(realpathSync(entry)), "assets", name)] : []),
    fileURLToPath(new URL(`./assets/${name}`, import.meta.url)),
  ];
  const found = places.find((place) => existsSync(place));
  if (found !== undefined) return await readFile(found, "utf8");
  assert(name === "page.js", `${name} is at none of ${places.join(", ")}`);
  script ??= bundlePage();
  return await script;
}

let script: Promise<string> | undefined;

/** The page's script and all that it imports as one classic script. */
async function bundlePage(): Promise<string> {
  const { build } = await import("esbuild");
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("./page/main.ts", import.meta.url))],
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2023",
    write: false,
  });
  return outputFiles[0]!.text;
}
