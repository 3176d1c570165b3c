/** A trained network as an ONNX file that explains itself: what goes in and comes out, and how images are made with it. */
import { traceProgram } from "../../../engine/onnx/trace.ts";
import type { Model, SamplerSetting, State } from "../../../models/index.ts";

/** What each input and output of a network means, by its name in the file. */
const meanings: Readonly<Record<string, string>> = {
  latent: "standard normal numbers, one row for each image",
  images: "x, what is denoised; standard normals at the start",
  t: "noise level of each image as an index into alphaBar, 0 the least noisy",
  labels: "label of each image",
  "out:images": "the images",
  "out:variance_share":
    "v of the learned variance: log variance = f log large + (1 - f) log small, f = (v + 1) / 2",
};

export interface Exported {
  readonly id: string;
  readonly model: Model;
  /** Sampling weights. */
  readonly weights: State;
  readonly setting: SamplerSetting;
  /** Names of the labels that the model is told; none where it is told none. */
  readonly labels: readonly string[];
  /** Images per call. */
  readonly batch: number;
}

/** The file, and the facts that it carries under the key `bench`, as JSON. */
export function exportNetwork({ id, model, weights, setting, labels, batch }: Exported) {
  const { program, signature } = model.network;
  const { size, channels, classes } = model;
  const inputs = Object.entries(signature(batch)).filter(([name]) => !Object.hasOwn(weights, name));
  const recipe = model.recipe?.(setting);
  const oneHot = inputs.some(([name, { shape }]) => name === "labels" && shape.length === 2);
  const facts = {
    format: "gan-vs-diffusion-bench network 1",
    model: id,
    title: model.title,
    description: model.description,
    images: {
      ...{ layout: "NHWC", size, channels, colour: channels === 3 ? "RGB" : "grey", range: [-1, 1] },
      toBytes: "round(127.5 x + 127.5), within 0..255",
    },
    inputs: Object.fromEntries(
      inputs.map(([name, { shape, dtype = "float32" }]) => {
        const form = name === "labels" ? (oneHot ? ", one-hot" : `, a number; ${classes} for no label`) : "";
        return [name, { shape, dtype, meaning: `${meanings[name]}${form}` }];
      }),
    ),
    outputs: recipe ? { main: `estimate of the ${recipe.target}` } : { main: meanings["out:images"] },
    labels: classes > 0 ? labels : undefined,
    sampling: recipe
      ? {
          ...{ sampler: setting.sampler, steps: setting.steps, options: setting.options },
          start: "x is standard normal",
          update:
            "D = clip(cleanX x + cleanOutput output); x = update.x x + update.denoised D + update.noise z + update.kept k; " +
            "z is standard normal, k the keep.x x + keep.denoised D of the update before",
          end: "images are x / inputScale",
          ...recipe,
        }
      : { sampler: "none", steps: 1, update: "one pass makes the images" },
  };
  const text = JSON.stringify(facts);
  const { model: file } = traceProgram(id, program, signature(batch), {
    constants: weights,
    metadata: { bench: text },
  });
  return { file, facts: `${JSON.stringify(facts, undefined, 2)}\n` };
}
