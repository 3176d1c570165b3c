// npm takes an optional package away whose install script fails, and onnxruntime-node's does where the host of its CUDA
// libraries is out of reach. Nothing here needs these: the package itself, with its libraries for processors and WebGPU, comes
// from the npm registry, and is fetched once, without that script, where it is missing.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const NAME = "onnxruntime-node";

const isThere = (manifest) => {
  try {
    createRequire(manifest).resolve(`${NAME}/package.json`);
    return true;
  } catch {
    return false;
  }
};

/** Makes onnxruntime-node loadable from the package at `root`, a file URL; false, with a message, where that cannot be done. */
export function fetchOnnxRuntime(root) {
  const manifest = join(fileURLToPath(root), "package.json");
  if (isThere(manifest)) return true;
  const spec = `${NAME}@${JSON.parse(readFileSync(manifest, "utf8")).optionalDependencies[NAME]}`;
  console.error(
    `fetching ${spec} from the npm registry, once: its install script could not download CUDA libraries, which are not needed`,
  );
  const target = join(dirname(manifest), "node_modules");
  let temporary;
  let problem;
  try {
    mkdirSync(target, { recursive: true });
    temporary = mkdtempSync(join(target, ".fetched-"));
    const words = [
      "install",
      "--prefix",
      temporary,
      "--ignore-scripts",
      "--no-save",
      "--no-audit",
      "--no-fund",
      "--loglevel=error",
      spec,
    ];
    const { status, stderr, error } = spawnSync("npm", words, {
      encoding: "utf8",
      shell: process.platform === "win32",
    });
    if (error || status !== 0) problem = error ? error.message : stderr.trim().split("\n")[0];
    else moveAll(join(temporary, "node_modules"), target);
  } catch (error) {
    problem = error.message;
  }
  if (temporary) rmSync(temporary, { recursive: true, force: true });
  if (isThere(manifest)) return true;
  console.error(
    `error NO_ENGINE: ${NAME} is not installed and could not be fetched (${problem}). Run: npm install --ignore-scripts ${spec}`,
  );
  return false;
}

/** The packages of one node_modules into another, those that are there aside: two first starts may meet. */
function moveAll(from, to) {
  for (const name of readdirSync(from)) {
    if (name.startsWith(".")) continue;
    if (name.startsWith("@")) {
      mkdirSync(join(to, name), { recursive: true });
      moveAll(join(from, name), join(to, name));
    } else if (!existsSync(join(to, name))) {
      try {
        renameSync(join(from, name), join(to, name));
      } catch (error) {
        if (!existsSync(join(to, name))) throw error;
      }
    }
  }
}
