// Fetches the native libraries for NVIDIA GPUs, which `npm ci` leaves out on purpose (install scripts are off):
// TensorFlow's for @tensorflow/tfjs-node-gpu (CUDA 11.2, cuDNN 8.1), and ONNX Runtime's CUDA provider (CUDA 12, cuDNN 9).
//
//     npm run setup:cuda            both
//     npm run setup:cuda -- onnx    one of: tensorflow, onnx
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);

const steps = {
  tensorflow: {
    package: "@tensorflow/tfjs-node-gpu",
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

let failed = 0;
for (const [name, step] of Object.entries(steps)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  let root;
  try {
    root = dirname(require.resolve(`${step.package}/package.json`));
  } catch {
    console.error(`${name}: ${step.package} is not installed; run npm ci without --omit=optional`);
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
