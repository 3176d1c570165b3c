// Builds dist/: the command as JavaScript, its dependencies left to npm. `--single` builds one file instead,
// dist/bench.mjs, with all but the native runtimes inside; suites/ and assets/ lie beside it.
import { cp, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");
const entry = join(root, "src/harness/cli/main.ts");
const single = process.argv.includes("--single");

// sideEffects marks of @tensorflow/tfjs-backend-cpu would drop its registration: no annotations
const common = { bundle: true, platform: "node", format: "esm", target: "node20", logLevel: "warning", ignoreAnnotations: true };

await rm(dist, { recursive: true, force: true });
await mkdir(dist);
await build(
  single
    ? {
        ...common,
        entryPoints: [entry],
        outfile: join(dist, "bench.mjs"),
        external: ["onnxruntime-node", "@tensorflow/tfjs-node", "@tensorflow/tfjs-node-gpu"],
        // packages in CommonJS form call require, which an ES module has to make for itself
        banner: {
          js: 'import { createRequire as createBundleRequire } from "node:module";\nconst require = createBundleRequire(import.meta.url);',
        },
      }
    : { ...common, entryPoints: { main: entry }, outdir: dist, splitting: true, packages: "external" },
);

// What the report carries inside itself: read beside the entry, or from the packages where they are installed.
const { register } = await import("tsx/esm/api");
const unregister = register();
const { assetSources } = await import("../src/harness/report/assets.ts");
await mkdir(join(dist, "assets"));
for (const { name, path } of assetSources()) await cp(path, join(dist, "assets", name));
await unregister();
if (single) await cp(join(root, "suites"), join(dist, "suites"), { recursive: true });
