/** GANs small enough for the reference engine. */
import type { State } from "../../../src/models/contract.ts";

export const tiny = { size: 8, channels: 1 as const, latent: 6, generatorWidth: 4, discriminatorWidth: 4 };

/** Weights of ordinary size: at N(0, 0.02) the tiny networks are all but flat. */
export function shaken(state: State): State {
  const shake = (name: "generator" | "discriminator") => {
    const { shape, data } = state[name]!;
    return {
      [name]: { shape, data: Float32Array.from(data, (p, i) => p + 0.2 * Math.sin(i * 1.3 + i * i * 0.01)) },
    };
  };
  return { ...state, ...shake("generator"), ...shake("discriminator") };
}
