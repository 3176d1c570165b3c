/**
 * Files that the page carries inside itself. A bundle has no packages beside it, so they are looked for in `assets/`
 * beside the entry, then beside this module, and last in the installed packages. A build copies `assetSources()`.
 */
import { existsSync, realpathSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert } from "../../core/errors.ts";

/** Where each asset comes from: a path in an installed package, or this folder's own `assets/`. */
const assets = {
  "report.css": undefined,
  "decision.css": undefined,
  "report.js": undefined,
  "format.js": undefined,
  "decide.js": undefined,
  "requirements.js": undefined,
  "turns.js": undefined,
  "certainty.js": undefined,
  "words.js": undefined,
  "candidates.js": undefined,
  "controls.js": undefined,
  "vega.min.js": { package: "vega", path: "build/vega.min.js" },
  "vega-interpreter.js": { package: "vega-interpreter", path: "build/vega-interpreter.js" },
} as const satisfies Record<string, { package: string; path: string } | undefined>;

export type AssetName = keyof typeof assets;

/** Every asset with the file it is read from in a checkout: copy them to `assets/` beside a bundled entry. */
export function assetSources(): { name: AssetName; path: string }[] {
  return (Object.keys(assets) as AssetName[]).map((name) => ({ name, path: sourceOf(name) }));
}

/** All of them, by name. */
export async function readAssets(): Promise<Record<AssetName, string>> {
  const names = Object.keys(assets) as AssetName[];
  const read = await Promise.all(names.map(async (name) => [name, await readAsset(name)] as const));
  return Object.fromEntries(read) as Record<AssetName, string>;
}

export async function readAsset(name: AssetName): Promise<string> {
  const entry = process.argv[1];
  const beside = entry && existsSync(entry) ? join(dirname(realpathSync(entry)), "assets", name) : undefined;
  return await readFile(beside && existsSync(beside) ? beside : sourceOf(name), "utf8");
}

function sourceOf(name: AssetName): string {
  const own = fileURLToPath(new URL(`./assets/${name}`, import.meta.url));
  if (existsSync(own)) return own;
  const source = assets[name];
  assert(source, `${name} is neither beside the entry nor at ${own}`);
  const resolved = createRequire(import.meta.url).resolve(source.package);
  const root = resolved.slice(0, resolved.lastIndexOf(join("node_modules", source.package)));
  return join(root, "node_modules", source.package, source.path);
}
