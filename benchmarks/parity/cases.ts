/** What is trained on both sides: the quick suite's models, as they are configured there. */
import { fileURLToPath } from "node:url";
import { openSuite, resolveSuite, type SuiteConfig } from "../../src/harness/suite/index.ts";
import { ddpmConfig } from "../../src/models/diffusion/config.ts";
import { ganSchemas } from "../../src/models/gan/presets.ts";
import { models } from "../../src/models/index.ts";
import { denoiserLayout, ganLayout } from "./layout.ts";
import type { Recorded } from "./record.ts";

export interface Case {
  readonly title: string;
  /** The suite's model. */
  readonly id: "ddpm" | "dcgan";
  /** Options in place of the suite's. */
  readonly options: Readonly<Record<string, unknown>>;
  /** What is compared, and how far apart it may be over the first `steps` steps, relative. */
  readonly losses: readonly string[];
  readonly steps: number;
  readonly tolerance: number;
  /** Steps over which float32 is compared with float64 too, to see where rounding has taken over. */
  readonly horizon: number;
  /** Trained to the end of the suite's budget, and its images scored. */
  readonly whole: boolean;
  /** With every seed that is asked for, or the first alone. */
  readonly repeated: boolean;
}

const unet = {
  id: "ddpm",
  losses: ["loss"],
  steps: 300,
  tolerance: 1e-3,
  horizon: 50, // PyTorch's float64 convolutions are some ten times slower
} as const;

const gan = {
  id: "dcgan",
  losses: ["discriminator_loss", "generator_loss"],
  steps: 50,
  tolerance: 1e-2,
  horizon: 400,
} as const;

export const cases = {
  "unet-epsilon": {
    ...unet,
    title: "U-Net, target epsilon",
    options: { target: "epsilon" },
    whole: true,
    repeated: true,
  },
  "unet-v": { ...unet, title: "U-Net, target v", options: { target: "v" }, whole: false, repeated: false },
  // at the suite's rate, sixteen times this, two runs of PyTorch part within twenty steps: no losses to compare
  "dcgan-published": {
    ...gan,
    title: "DCGAN, published rate",
    options: { ema: 0, learningRate: 2e-4, beta1: 0.5 },
    whole: false,
    repeated: true,
  },
  dcgan: { ...gan, title: "DCGAN, the suite's rate", options: { ema: 0 }, whole: true, repeated: true },
} as const satisfies Record<string, Case>;

export type CaseName = keyof typeof cases;

export const caseNames = Object.keys(cases) as readonly CaseName[];

/** The quick suite with every default. */
export async function quickSuite(): Promise<SuiteConfig> {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const { value, origin } = await openSuite(`${root}suites/quick.yaml`, root, root);
  return resolveSuite(value, [], origin).config;
}

type Options = Readonly<Record<string, unknown>>;

/** A DDPM of these options, `size` and `channels` among them. */
export function recordedDdpm(given: Options): Recorded {
  const options = ddpmConfig(given);
  const model = models.ddpm.create(options);
  return { type: "ddpm", model, options, layout: denoiserLayout(model) };
}

/** A DCGAN of these options, `size` and `channels` among them. */
export function recordedDcgan(given: Options): Recorded {
  const options = ganSchemas.dcgan.parse(given);
  return { type: "dcgan", model: models.dcgan.create(options), options, layout: ganLayout(options) };
}

/** The case's model as the suite has it. @throws where the suite has no such model of this type */
export function recordedCase({ id, options }: Case, { models, dataset }: SuiteConfig): Recorded {
  const configured = models[id];
  if (configured?.type !== id) throw new Error(`the quick suite has no model ${id} of type ${id}`);
  const { size, channels = 1 } = dataset; // the suite leaves channels to its data, which are grey
  const given = { ...configured.options, ...options, size, channels };
  return id === "ddpm" ? recordedDdpm(given) : recordedDcgan(given);
}
