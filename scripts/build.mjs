// Builds the command as JavaScript into dist/, or into the folder given: by default with its dependencies left to npm,
// with --single as one file, bench.mjs, that has all but the native runtimes inside and suites/ and assets/ beside it.
// With --entry FILE, which may be repeated, the same of other entries than the command, in files that share their parts.
import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { register } from "tsx/esm/api";

const { values, positionals } = parseArgs({
  options: { single: { type: "boolean" }, entry: { type: "string", multiple: true } },
  allowPositionals: true,
});
const root = fileURLToPath(new URL("..", import.meta.url));
const out = positionals[0] ? resolve(positionals[0]) : join(root, "dist");
const main = join(root, "src/harness/cli/main.ts");

const common = {
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  logLevel: "warning",
  ignoreAnnotations: true, // @tensorflow/tfjs-backend-cpu registers itself, and is marked as if it did not
};

const asModules = { entryPoints: { main }, outdir: out, splitting: true, packages: "external" };

const complete = {
  // esbuild makes the page's script in a checkout; here it lies in assets/
  external: ["onnxruntime-node", "@tensorflow/tfjs-node*", "sharp", "bullmq", "esbuild"],
  // packages in CommonJS form call require, which an ES module has to make for itself
  banner: {
    js: 'import { createRequire as makeRequire } from "node:module";\nconst require = makeRequire(import.meta.url);',
  },
};

const asOneFile = { ...complete, entryPoints: [main], outfile: join(out, "bench.mjs") };

const asEntries = {
  ...complete,
  entryPoints: values.entry,
  outdir: out,
  outExtension: { ".js": ".mjs" },
  splitting: true,
};

await rm(out, { recursive: true, force: true });
await build({ ...common, ...(values.entry ? asEntries : values.single ? asOneFile : asModules) });

// what a report carries inside itself; the package's suites/ lie beside dist/ as they are
register();
const { readAssets } = await import("../src/harness/report/assets.ts");
await mkdir(join(out, "assets"), { recursive: true });
for (const [name, text] of Object.entries(await readAssets()))
  await writeFile(join(out, "assets", name), text);
if (values.single || values.entry) await cp(join(root, "suites"), join(out, "suites"), { recursive: true });
