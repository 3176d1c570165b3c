import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { BenchError } from "../../core/errors.ts";
import { setupCommand } from "../../core/package-root.ts";
import type { DeviceDescription, Engine, EngineName, OpenOptions, Precision, Provider } from "../contract.ts";
import { availableCores, cudaDevice, graphicsDevice, processorDevice } from "./hardware.ts";

export interface RungId {
  readonly engine: EngineName;
  readonly provider: Provider;
}

export interface Rung extends RungId {
  readonly device: "cpu" | "gpu";
  /** What it can sample in. */
  readonly precisions: readonly Precision[];
  /** Left out of `auto`: taken only when named. */
  readonly onlyNamed?: boolean;
  /** A reason against the rung that is known without starting anything. */
  refuse?(): string | undefined;
  /** How to make the rung usable, for `bench doctor`. */
  readonly enable?: string;
  open(options: OpenOptions): Promise<Engine>;
}

/** ONNX Runtime's provider library for CUDA, which its package does not bring. */
function cudaProviderMissing(): string | undefined {
  if (process.platform === "darwin") return "CUDA does not exist on macOS";
  if (!cudaDevice() && process.platform === "linux") return "no NVIDIA driver is loaded on this machine";
  const root = dirname(createRequire(import.meta.url).resolve("onnxruntime-node/package.json"));
  const folder = join(root, "bin", "napi-v6", process.platform, process.arch);
  const found = existsSync(folder) && readdirSync(folder).some((name) => name.includes("providers_cuda"));
  return found
    ? undefined
    : `ONNX Runtime's CUDA provider library is not installed; \`${setupCommand("onnx")}\` fetches it (CUDA 12, cuDNN 9)`;
}

const either: readonly Precision[] = ["float32", "float16"];
const single: readonly Precision[] = ["float32"];

/** Why a rung is not for samples in `precision`; undefined where it is. */
export function unable({ engine, precisions }: Rung, precision: Precision): string | undefined {
  if (precisions.includes(precision)) return undefined;
  return `${engine} samples in ${precisions.join(" or ")}, not in the ${precision} asked for; --engine onnx can, or leave out --precision`;
}

const onnx = async (provider: "cpu" | "webgpu" | "cuda", device: DeviceDescription, options: OpenOptions) => {
  const { createOnnxEngine } = await import("../onnx/engine.ts");
  return createOnnxEngine({ ...options, provider, device });
};

const tensorflow = async (device: "cpu" | "gpu") =>
  (await import("../eager/tensorflow.ts")).createTensorflowEngine(device);

/** An adapter is known only once a session has opened it. */
async function openWebgpu(options: OpenOptions): Promise<Engine> {
  const unknown: DeviceDescription = { kind: "gpu", model: "unknown adapter", software: false };
  const engine = await onnx("webgpu", options.device ?? unknown, options);
  if (options.device) return engine;
  await engine.drain();
  const device = graphicsDevice();
  if (!device)
    throw new BenchError("NO_ENGINE", "which adapter WebGPU took cannot be told, so it is not trusted");
  return { ...engine, device };
}

/** From the top: what `auto` tries first stands first. */
export const ladder: readonly Rung[] = [
  {
    engine: "tensorflow",
    provider: "tensorflow-gpu",
    device: "gpu",
    precisions: single,
    enable: `${setupCommand("tensorflow")}   # and NVIDIA's CUDA 11.2 and cuDNN 8.1 on LD_LIBRARY_PATH; Linux or Windows`,
    open: () => tensorflow("gpu"),
  },
  {
    engine: "onnx",
    provider: "cuda",
    device: "gpu",
    precisions: either,
    enable: `${setupCommand("onnx")}   # and NVIDIA's CUDA 12 and cuDNN 9 on LD_LIBRARY_PATH`,
    refuse: cudaProviderMissing,
    open: (options) => onnx("cuda", options.device ?? cudaDevice()!, options),
  },
  {
    engine: "onnx",
    provider: "webgpu",
    device: "gpu",
    precisions: either,
    enable:
      "a graphics driver, and on Linux its Vulkan loader: apt-get install libvulkan1; in a container also " +
      "NVIDIA_DRIVER_CAPABILITIES=all",
    open: openWebgpu,
  },
  {
    engine: "onnx",
    provider: "cpu",
    device: "cpu",
    precisions: either,
    open: (options) => {
      const threads = options.threads ?? availableCores();
      return onnx("cpu", processorDevice(threads), { ...options, threads });
    },
  },
  {
    engine: "tensorflow",
    provider: "tensorflow-cpu",
    device: "cpu",
    precisions: single,
    onlyNamed: true,
    enable: "npm install @tensorflow/tfjs-node --ignore-scripts=false",
    open: () => tensorflow("cpu"),
  },
  {
    engine: "reference",
    provider: "tfjs-cpu",
    device: "cpu",
    precisions: single,
    onlyNamed: true,
    open: async () => (await import("../eager/reference.ts")).createReferenceEngine(),
  },
];

/** Opens a rung that a ladder has chosen before; no second probe. */
export async function openEngine({ engine, provider }: RungId, options: OpenOptions = {}): Promise<Engine> {
  const rung = ladder.find((rung) => rung.engine === engine && rung.provider === provider);
  if (!rung) throw new BenchError("NO_ENGINE", `there is no engine ${engine}/${provider}`);
  const why = unable(rung, options.precision ?? "float32");
  if (why !== undefined) throw new BenchError("NO_ENGINE", why);
  return rung.open(options);
}
