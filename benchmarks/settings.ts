/** What is timed, on both sides: our models' options, and the flags under which the peers' scripts do the same work. */
import type { TrainedKind } from "../src/models/index.ts";
import { models } from "../src/models/index.ts";

interface Setting {
  readonly family: "ddpm" | "dcgan";
  readonly size: number;
  /** Channels of an image; default 1. */
  readonly channels?: number;
  readonly batch: number;
  readonly options: Readonly<Record<string, unknown>>;
  /** Flags of `peers/ddpm_unet.py` or `peers/dcgan.py`. */
  readonly peer: readonly string[];
}

export const settings = {
  ddpm: {
    family: "ddpm",
    size: 28,
    batch: 32,
    options: { base: 32, multipliers: [1, 2, 2], blocks: 2, attention: [14, 7], clip: 0 },
    peer: [],
  },
  /** DDPM's network for CIFAR-10 (Ho et al. 2020, appendix B), 36 M parameters: for a GPU. */
  "ddpm-cifar": {
    family: "ddpm",
    size: 32,
    channels: 3,
    batch: 128,
    options: { base: 128, multipliers: [1, 2, 2, 2], blocks: 2, attention: [16], clip: 0 },
    peer: ["--image-size", "32", "--channels", "3", "--base", "128", "--mult", "1,2,2,2", "--attn", "1"],
  },
  /** The quick suite's network. */
  "ddpm-small": {
    family: "ddpm",
    size: 16,
    batch: 32,
    options: { base: 16, multipliers: [1, 2, 2], blocks: 1, attention: [4], clip: 0 },
    peer: ["--image-size", "16", "--base", "16", "--blocks", "1", "--attn", "2"],
  },
  dcgan: {
    family: "dcgan",
    size: 28,
    batch: 32,
    options: { generatorWidth: 64, discriminatorWidth: 64 },
    peer: [],
  },
  "dcgan-small": {
    family: "dcgan",
    size: 16,
    batch: 32,
    options: { generatorWidth: 32, discriminatorWidth: 32 },
    peer: ["--image-size", "16", "--ngf", "32", "--ndf", "32"],
  },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof settings;

export function setting(name: string): Setting {
  const found = (settings as Record<string, Setting>)[name];
  if (!found) throw new Error(`there is no setting "${name}"; known: ${Object.keys(settings).join(", ")}`);
  return found;
}

export function modelOf({ family, size, channels = 1, options }: Setting) {
  return (models[family] as TrainedKind).create({ size, channels, ...options });
}
