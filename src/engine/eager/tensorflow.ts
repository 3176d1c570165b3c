/** @tensorflow/tfjs-node-gpu (or tfjs-node): TensorFlow's own kernels, eagerly. Brought by scripts/setup-cuda.mjs. */
import { createRequire } from "node:module";
import * as tf from "@tensorflow/tfjs-core";
import { BenchError, messageOf } from "../../core/errors.ts";
import { setupCommand } from "../../core/package-root.ts";
import { cudaDevice, processorDevice } from "../choice/hardware.ts";
import type { Engine } from "../contract.ts";
import { createEagerEngine } from "./engine.ts";

interface NodeBackend {
  readonly isUsingGpuDevice: boolean;
}

/** tfjs-node 4.22 calls util.isNullOrUndefined, which Node 23 removed. Put back before it loads; true if it is there. */
export function restoreNodeUtil(util: { isNullOrUndefined?: (value: unknown) => boolean }): boolean {
  try {
    util.isNullOrUndefined ??= (value) => value === null || value === undefined;
  } catch {
    return false; // a frozen module object
  }
  return typeof util.isNullOrUndefined === "function";
}

type TensorflowPackage = "@tensorflow/tfjs-node-gpu" | "@tensorflow/tfjs-node";

const install: Record<TensorflowPackage, string> = {
  "@tensorflow/tfjs-node-gpu": `\`${setupCommand("tensorflow")}\` installs it`,
  "@tensorflow/tfjs-node": "`npm install @tensorflow/tfjs-node --ignore-scripts=false`",
};

/** Why a TensorFlow package did not load, in words that say what to do. */
export function explainLoadFailure(name: TensorflowPackage, message: string, nodeMajor: number): string {
  if (/isNullOrUndefined/.test(message))
    return `${name} 4.22 needs util.isNullOrUndefined, which Node ${nodeMajor} lacks; use Node 20 or 22`;
  if (/tfjs_binding|native addon|libtensorflow/.test(message))
    return `the native library of ${name} is not installed; \`${setupCommand("tensorflow")}\` fetches it`;
  if (/Cannot find (module|package)/.test(message)) return `${name} is not installed (${install[name]})`;
  return `${name} does not load: ${message.split("\n")[0]}`;
}

/** Throws NO_ENGINE with the reason where TensorFlow cannot be had on the device asked for. */
export async function createTensorflowEngine(device: "cpu" | "gpu"): Promise<Engine> {
  process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= "true"; // else it takes all of the GPU's memory
  process.env.TF_CPP_MIN_LOG_LEVEL ??= "2";
  const require = createRequire(import.meta.url);
  restoreNodeUtil(require("node:util"));
  const name: TensorflowPackage = device === "gpu" ? "@tensorflow/tfjs-node-gpu" : "@tensorflow/tfjs-node";
  let version: string;
  try {
    version = (require(name) as { version: Record<string, string> }).version["tfjs-node"] ?? "unknown";
  } catch (error) {
    const nodeMajor = Number(process.versions.node.split(".")[0]);
    throw new BenchError("NO_ENGINE", explainLoadFailure(name, messageOf(error), nodeMajor), {
      cause: error,
    });
  }
  await tf.setBackend("tensorflow");
  if (device === "gpu" && !(tf.backend() as unknown as NodeBackend).isUsingGpuDevice)
    throw new BenchError(
      "NO_ENGINE",
      "@tensorflow/tfjs-node-gpu would silently run on the CPU: TensorFlow 2.9 found no CUDA 11.2 and cuDNN 8.1",
    );
  return createEagerEngine({
    name: "tensorflow",
    provider: device === "gpu" ? "tensorflow-gpu" : "tensorflow-cpu",
    backend: "tensorflow",
    device: device === "gpu" ? (cudaDevice() ?? processorDevice()) : processorDevice(),
    runtime: { [name]: version },
  });
}
