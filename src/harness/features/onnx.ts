import { badData, usageError } from "../../core/errors.ts";
import { describePort, type Port } from "../../engine/onnx/foreign.ts";
import { type Network, openNetwork } from "../../engine/onnx/network.ts";
import type { FeatureContext, FeatureExtractor, FeatureSource } from "./contract.ts";
import { fillBatch, inputOf } from "./input.ts";

/**
 * A feature extractor in the user's ONNX file, so that metrics follow a published protocol. FID as
 * published: Inception-v3 with `resize: bilinear-tf1, range: 0..255, mean: 128, std: 128`; pytorch-fid: `bilinear`,
 * `-1..1`; clean-fid: `bicubic-antialias`, `0..255`, mean and std 128; DINOv2: `bicubic-antialias`, `0..1`, ImageNet's
 * mean and std.
 */
export const onnx: FeatureSource = {
  describe: "an ONNX model of yours, with options for its resizing, range, mean and std",
  argument: "FILE[:output]",
  cached: true,
  async open(argument = "", context) {
    const { path, output: asked } = parseModel(argument);
    const { threads, timeLimit, memoryLimit, entry = process.argv[1]! } = context;
    const model = await openNetwork(path, {
      ...{ entry, threads, seconds: timeLimit },
      bytes: memoryLimit === undefined ? undefined : memoryLimit * 2 ** 30,
    });
    try {
      return extractorOf(model, chosenOutput(model, asked), context);
    } catch (error) {
      model.dispose();
      throw error;
    }
  },
};

/** `FILE.onnx:output`, both of which may hold colons; without `.onnx` the whole argument is the file. */
export function parseModel(argument: string): { path: string; output?: string } {
  const [, path = argument, output] = /^(.*?\.onnx)(?::(.+))?$/is.exec(argument) ?? [];
  return { path, output };
}

function chosenOutput({ file, outputs }: Network, asked: string | undefined): Port {
  const list = outputs.map(describePort).join("; ");
  if (asked === undefined && outputs.length !== 1)
    throw usageError(`${file} has ${outputs.length} outputs; name one, onnx:FILE:NAME, of: ${list}`);
  const output = asked === undefined ? outputs[0]! : outputs.find(({ name }) => name === asked);
  if (!output) throw usageError(`${file} has no output "${asked}"; it has: ${list}`);
  if (output.type !== "float32") throw badData(`${file}: output ${describePort(output)} is not float32`);
  if (output.shape.length > 0 && !isVectors(output.shape)) throw notVectors(file, output);
  return output;
}

/** Most values of an image, those that metrics measure. */
const MOST_WIDE = 8192;

/** [n, d], or [n, d, 1, 1] as pooling layers give it. */
const isVectors = (shape: readonly (number | string)[]) =>
  shape.length >= 2 && shape.slice(2).every((d) => typeof d === "string" || d < 1 || d === 1);

const notVectors = (file: string, output: Port) =>
  badData(
    `${file}: output ${describePort(output)} is not one vector per image, [n, d] or [n, d, 1, 1]; ` +
      "choose another output, or pool it in the model",
  );

function extractorOf(model: Network, output: Port, context: FeatureContext): FeatureExtractor {
  const { file } = model;
  const input = inputOf(model, context);
  const { batch } = input;
  return {
    name: model.outputs.length === 1 ? `onnx:${file}` : `onnx:${file}:${output.name}`,
    protocol: {
      features: "onnx",
      model: file,
      sha256: model.sha256,
      output: output.name,
      runtime: model.runtime,
      input: `${input.type} ${input.layout}`,
      size: `${input.height}x${input.width}x${input.channels}`,
      resize: input.resize,
      range: input.range,
      mean: input.mean.join(","),
      std: input.std.join(","),
      batch,
    },
    async extract(images, onProgress) {
      const { count } = images;
      if (count < 1) throw badData("there are no images to compute features of");
      let features: Float64Array | undefined;
      let width = 0;
      for (let from = 0; from < count; from += batch) {
        const to = Math.min(count, from + batch);
        const { shape, data } = await model.run(
          fillBatch(images, from, to, input),
          output.name,
          batch * MOST_WIDE,
        );
        const found = { ...output, shape };
        if (!isVectors(shape)) throw notVectors(file, found);
        if (shape[0] !== batch || (features && shape[1] !== width))
          throw badData(
            `${file}: ${batch} images gave ${describePort(found)}, where [${batch}, ${features ? width : "d"}] was expected`,
          );
        width = shape[1]!;
        if (width > MOST_WIDE)
          throw badData(
            `${file}: output ${describePort(found)} is ${width} wide, and at most ${MOST_WIDE} are measured`,
          );
        features ??= new Float64Array(count * width);
        const part = data.subarray(0, (to - from) * width);
        const at = part.findIndex((value) => !Number.isFinite(value));
        if (at >= 0)
          throw badData(
            `${file}: feature ${at % width} of image ${from + Math.floor(at / width)} is ${part[at]}, both from 0; ` +
              "check range, mean and std against the model's",
          );
        features.set(part, from * width);
        onProgress?.(to, count);
      }
      return { data: features!, count, width };
    },
    dispose: () => model.dispose(),
  };
}
