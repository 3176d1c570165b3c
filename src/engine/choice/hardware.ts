/** What processors and graphics adapters this machine has, as far as files and drivers tell. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import type { DeviceDescription } from "../contract.ts";

/** Model of the processor as the operating system names it. */
export function processorModel(): string {
  return cpus()[0]?.model.trim() || process.arch;
}

/** Logical cores this process may use. */
export function availableCores(): number {
  return availableParallelism();
}

export function processorDevice(threads = availableCores()): DeviceDescription {
  return { kind: "cpu", model: processorModel(), software: false, threads };
}

const readable = (path: string): string | undefined => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined; // absent on this machine, which is an answer
  }
};

/** Vulkan drivers by the library that a process maps once it has loaded them. */
const vulkanDrivers = [
  { library: /libGLX_nvidia|libnvidia-(vulkan|glcore|eglcore|gpucomp)/, name: "NVIDIA", software: false },
  { library: /libvulkan_radeon|amdvlk/, name: "AMD", software: false },
  { library: /libvulkan_intel/, name: "Intel", software: false },
  { library: /libvulkan_(freedreno|panfrost|broadcom|asahi|nouveau|powervr)/, name: "Mesa", software: false },
  { library: /libvk_swiftshader/, name: "SwiftShader", software: true },
  { library: /libvulkan_lvp/, name: "llvmpipe", software: true },
];

/**
 * Which Vulkan adapter a process that has opened one is on, told from its memory map: ONNX Runtime does not say. A
 * loader maps every installed driver; Dawn prefers real adapters, so hardware counts where its device node exists too.
 */
export function classifyAdapter(memoryMap: string, hasDeviceNode: boolean) {
  const loaded = vulkanDrivers.filter(({ library }) => library.test(memoryMap));
  return (
    (hasDeviceNode ? loaded.find(({ software }) => !software) : undefined) ??
    loaded.find(({ software }) => software)
  );
}

function hasDeviceNode(): boolean {
  if (existsSync("/dev/nvidia0")) return true;
  try {
    return readdirSync("/dev/dri").some((name) => name.startsWith("renderD"));
  } catch {
    return false; // no direct rendering on this machine
  }
}

function nvidia(): { model: string; driver: string } | undefined {
  const folder = "/proc/driver/nvidia/gpus";
  if (!existsSync(folder)) return undefined;
  const [first] = readdirSync(folder);
  const model = /Model:\s*(.+)/.exec(readable(`${folder}/${first}/information`) ?? "")?.[1]?.trim();
  const driver = /Module\s+(?:for \S+\s+)?([\d.]+)/.exec(readable("/proc/driver/nvidia/version") ?? "")?.[1];
  return { model: model ?? "NVIDIA GPU", driver: driver ?? "unknown" };
}

/** The GPU of this process; call it once an adapter is open. Undefined where the adapter cannot be told. */
export function graphicsDevice(): DeviceDescription | undefined {
  if (process.platform === "darwin")
    return { kind: "gpu", model: `${processorModel()} GPU (Metal)`, software: false };
  if (process.platform === "win32") return { kind: "gpu", model: "Direct3D 12 adapter", software: false };
  const adapter = classifyAdapter(readable("/proc/self/maps") ?? "", hasDeviceNode());
  if (!adapter) return undefined;
  const facts = adapter.name === "NVIDIA" ? nvidia() : undefined;
  return {
    kind: "gpu",
    model: facts?.model ?? `${adapter.name} (Vulkan)`,
    software: adapter.software,
    driver: facts?.driver,
  };
}

/** The GPU that CUDA would use, without opening it. */
export function cudaDevice(): DeviceDescription | undefined {
  const facts = nvidia();
  return facts && { kind: "gpu", model: facts.model, software: false, driver: facts.driver };
}
