// Fetches the native libraries for NVIDIA GPUs, which `npm ci` leaves out on purpose:
// TensorFlow's for @tensorflow/tfjs-node-gpu (CUDA 11.2, cuDNN 8.1), and ONNX Runtime's CUDA provider (CUDA 12, cuDNN 9).
//
//     npm run setup:cuda            both
//     npm run setup:cuda -- onnx    one of: tensorflow, onnx
//
// In a project that has this package installed: node node_modules/gan-vs-diffusion-bench/scripts/setup-cuda.mjs onnx
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);

const steps = {
  tensorflow: {
    package: "@tensorflow/tfjs-node-gpu",
    version: "4.22.0", // no dependency: most machines have no use for it
    script: "scripts/install.js",
    args: ["gpu", "download"],
  },
  onnx: {
    package: "onnxruntime-node",
    script: "script/install.js",
    args: ["--onnxruntime-node-install=cuda12"],
  },
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in steps));
if (unknown.length > 0) {
  console.error(`unknown: ${unknown.join(", ")}; known: ${Object.keys(steps).join(", ")}`);
  process.exit(2);
}

/** Folder of the step's package, which is installed where it is missing and no dependency. */
function rootOf({ package: name, version }) {
  const find = () => {
    try {
      return dirname(require.resolve(`${name}/package.json`));
    } catch {
      return undefined;
    }
  };
  if (find() !== undefined || version === undefined) return find();
  console.log(`installing ${name}@${version}`);
  const words = ["install", "--no-save", "--ignore-scripts", `${name}@${version}`];
  spawnSync("npm", words, { stdio: "inherit", shell: process.platform === "win32" });
  return find();
}

let failed = 0;
for (const [name, step] of Object.entries(steps)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const root = rootOf(step);
  if (root === undefined) {
    console.error(`${name}: ${step.package} could not be installed`);
    failed++;
    continue;
  }
  console.log(`${name}: running ${step.package}'s own installer`);
  const { status } = spawnSync(process.execPath, [join(root, step.script), ...step.args], {
    cwd: root,
    stdio: "inherit",
  });
  if (status !== 0) {
    console.error(`${name}: the installer ended with code ${status}`);
    failed++;
  }
}
console.log("`bench doctor` shows what is usable now");
process.exit(failed === 0 ? 0 : 1);
