/** Engines present on this machine: `reference` and onnx/cpu always, onnx/webgpu where a (software) GPU is installed. */
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import type { Engine } from "../../src/engine/contract.ts";
import { createReferenceEngine } from "../../src/engine/eager/reference.ts";
import { createOnnxEngine } from "../../src/engine/onnx/engine.ts";

export const SWIFTSHADER = "/usr/lib/chromium/vk_swiftshader_icd.json";

/** Points the Vulkan loader at SwiftShader; false, said aloud once, where Debian's chromium is not installed. */
export function softwareGpu(): boolean {
  if (process.env.VK_DRIVER_FILES) return true;
  if (!existsSync(SWIFTSHADER)) {
    console.warn("onnx/webgpu is not tested: no SwiftShader; apt-get install chromium libvulkan1 brings it");
    return false;
  }
  process.env.VK_DRIVER_FILES = SWIFTSHADER;
  process.env.XDG_RUNTIME_DIR ??= tmpdir();
  return true;
}

const device = { kind: "cpu", model: "test", software: false } as const;

type Make = () => Promise<Engine>;

export const compiledEngines: Record<string, Make> = {
  "onnx/cpu": () => createOnnxEngine({ provider: "cpu", device, threads: 2 }),
};
if (softwareGpu())
  compiledEngines["onnx/webgpu"] = () =>
    createOnnxEngine({ provider: "webgpu", device: { ...device, kind: "gpu", software: true } });

export const allEngines: Record<string, Make> = { reference: createReferenceEngine, ...compiledEngines };
