/**
 * Every program of every kind of model runs wholly on the GPU: no operator falls back to the processor. Told from ONNX
 * Runtime's profile, which names the provider of every node; on a software GPU where that is what is installed.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { type Profile, takeProfile } from "../../benchmarks/profile.ts";
import { rng } from "../../src/core/rng.ts";
import type { HostTensor, Program, Signature } from "../../src/engine/contract.ts";
import { createOnnxEngine } from "../../src/engine/onnx/engine.ts";
import { type Model, models } from "../../src/models/index.ts";
import { softwareGpu } from "./engines.ts";

const folder = mkdtempSync(join(tmpdir(), "bench-placement-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const device = { kind: "gpu", model: "test", software: true } as const;
const maps = { size: 8, channels: 1 } as const;
const unet = { ...maps, base: 8, multipliers: [1, 2], blocks: 1, attention: [4], timesteps: 20 };
const gan = { ...maps, latent: 8, generatorWidth: 8, discriminatorWidth: 8 };

const made: Record<string, () => Model> = {
  ddpm: () => models.ddpm.create(unet),
  dcgan: () => models.dcgan.create(gan),
  "wgan-gp": () => models["wgan-gp"].create(gan),
};

const filled = (signature: Signature): Record<string, HostTensor> =>
  Object.fromEntries(
    Object.entries(signature).map(([name, { shape, dtype }]): [string, HostTensor] => {
      const count = shape.reduce((product, d) => product * d, 1);
      if (dtype === "int32") return [name, { shape, data: new Int32Array(count) }];
      return [name, { shape, data: new Float32Array(count).fill(name === "t" ? 1 : 0.1) }];
    }),
  );

async function providersOf(name: string, program: Program, inputs: Record<string, HostTensor>) {
  const profile = join(folder, name);
  const engine = await createOnnxEngine({ provider: "webgpu", device, profile });
  const signature = Object.fromEntries(
    Object.entries(inputs).map(([key, { shape, data }]) => [
      key,
      { shape, dtype: data instanceof Int32Array ? ("int32" as const) : ("float32" as const) },
    ]),
  );
  const compiled = await engine.compile(name, program, signature);
  const outputs = await compiled.run(inputs);
  for (const value of Object.values(outputs)) value.dispose();
  await engine.drain();
  compiled.dispose();
  await engine.dispose();
  return takeProfile(profile).providers;
}

/** Operators that did not run on the GPU, with the provider that ran them; one entry saying so where none ran there. */
function elsewhere({ WebGpuExecutionProvider: gpu, ...others }: Profile["providers"]): string[] {
  if (!gpu) return ["nothing ran on the GPU"];
  return Object.entries(others).flatMap(([provider, operators]) =>
    Object.keys(operators).map((operator) => `${operator} on ${provider}`),
  );
}

describe.runIf(softwareGpu())("on onnx/webgpu", () => {
  it.each(Object.entries(made))(
    "%s trains wholly on the device",
    { timeout: 300_000 },
    async (name, make) => {
      const model = make();
      const data = new Float32Array(5 * 64).fill(0.5);
      const fed = model.feed(
        { images: { data, count: 5, height: 8, width: 8, channels: 1 }, labels: [0, 0, 0, 0, 0] },
        rng(1),
        1,
      );
      const inputs = { ...model.initialState(rng(0)), ...fed };
      const providers = await providersOf(`${name}-train`, model.trainStep, inputs);
      expect(elsewhere(providers)).toEqual([]);
    },
  );

  it.each(Object.entries(made))(
    "%s samples wholly on the device",
    { timeout: 300_000 },
    async (name, make) => {
      const { network } = make();
      const providers = await providersOf(`${name}-network`, network.program, filled(network.signature(2)));
      expect(elsewhere(providers)).toEqual([]);
    },
  );
});
