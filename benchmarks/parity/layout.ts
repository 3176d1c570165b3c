/** Names and shapes of the values in a model's flat vectors, and state cut into named tensors and put together again. */
import { type HostTensor, sizeOf } from "../../src/engine/contract.ts";
import type { Shapes } from "../../src/engine/ops/index.ts";
import { isDiffusion } from "../../src/models/diffusion/backbone.ts";
import { discriminatorNetwork, generatorNetwork } from "../../src/models/gan/networks.ts";
import type { GanConfig } from "../../src/models/gan/presets.ts";
import type { Model, State } from "../../src/models/index.ts";
import { shapesOf } from "../../src/models/nn/index.ts";

/** By the name of a state tensor, the values that it holds, in their order. */
export type Layout = Readonly<Record<string, Shapes>>;

/** Of a DDPM. @throws where the model is another */
export function denoiserLayout(model: Model): Layout {
  if (!isDiffusion(model)) throw new Error("only a diffusion model has a denoiser");
  const denoiser = shapesOf(model.backbone.parameters);
  return { denoiser, denoiser_ema: denoiser };
}

/** Of an unconditional DCGAN without averages. */
export function ganLayout(config: GanConfig): Layout {
  const { size, channels, depth = 2, latent, generatorWidth, discriminatorWidth } = config;
  const generator = generatorNetwork({ size, channels, depth }, latent, generatorWidth);
  const discriminator = discriminatorNetwork({ size, channels, depth }, discriminatorWidth);
  return {
    generator: shapesOf(generator.parameters),
    statistics: shapesOf(generator.statistics),
    discriminator: shapesOf(discriminator.parameters),
  };
}

/** Tensors `PART/NAME` of every vector of the state that the layout describes. */
export function named(state: State, layout: Layout): Record<string, HostTensor> {
  const tensors: Record<string, HostTensor> = {};
  for (const [part, shapes] of Object.entries(layout)) {
    const vector = state[part];
    if (!vector) continue;
    let at = 0;
    for (const [name, shape] of Object.entries(shapes)) {
      tensors[`${part}/${name}`] = { shape, data: vector.data.slice(at, at + sizeOf(shape)) };
      at += sizeOf(shape);
    }
    if (at !== vector.data.length)
      throw new Error(`${part} has ${vector.data.length} values, its layout ${at}`);
  }
  return tensors;
}

/** The vectors that `named` cut, from all its tensors. @throws where one is missing or of another shape */
export function joined(tensors: Readonly<Record<string, HostTensor>>, layout: Layout): State {
  const parts = Object.entries(layout).filter(([part]) =>
    Object.keys(tensors).some((name) => name.startsWith(`${part}/`)),
  );
  return Object.fromEntries(
    parts.map(([part, shapes]) => {
      const values = Object.entries(shapes).flatMap(([name, shape]) => {
        const found = tensors[`${part}/${name}`];
        if (String(found?.shape) !== String(shape))
          throw new Error(`${part}/${name} is [${found?.shape ?? "missing"}], expected [${shape}]`);
        return [...found!.data];
      });
      return [part, { shape: [values.length], data: Float32Array.from(values) }];
    }),
  );
}
