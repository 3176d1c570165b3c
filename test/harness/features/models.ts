/** Small ONNX feature extractors with known features, for the tests of this folder. */
import * as tf from "@tensorflow/tfjs-core";
import type { HostTensor, Program } from "../../../src/engine/contract.ts";
import { encodeModel } from "../../../src/engine/onnx/schema.ts";
import { traceProgram } from "../../../src/engine/onnx/trace.ts";

/** [channels, 4]: what the mean colour of an image is multiplied with. */
export const weights = (channels: number): HostTensor => ({
  shape: [channels, 4],
  data: Float32Array.from({ length: channels * 4 }, (_, i) => Math.sin(i + 1)),
});

const meanColour: Program<"images" | "weights", "features"> = ({ images, weights }) => ({
  features: tf.matMul(tf.mean(images, [1, 2]) as tf.Tensor2D, weights as tf.Tensor2D),
});

/** Mean colour x weights of [batch, size, size, channels], its output named `out:features`; every size is fixed. */
export function tracedModel(batch: number, size: number, channels: number): Uint8Array {
  return traceProgram(
    "features",
    meanColour,
    { images: { shape: [batch, size, size, channels] }, weights: weights(channels) },
    { constants: { weights: weights(channels) } },
  ).model;
}

const FLOAT = 1;
const UINT8 = 2;

type Dimension = number | undefined;

const port = (name: string, shape: readonly Dimension[], elemType: number) => ({
  name,
  type: {
    tensorType: { elemType, shape: { dim: shape.map((d) => (d === undefined ? {} : { dimValue: d })) } },
  },
});

/**
 * Of [n, channels, height, width]: the mean colour as `pooled`, [n, channels, 1, 1], times the weights as `features`,
 * [n, 4], the logarithm of that as `logarithm`, and the image itself as `image`. undefined leaves a size open.
 */
export function handmadeModel({
  shape = [undefined, 3, undefined, undefined],
  outputs = ["features"],
  bytes = false,
  external = false,
}: {
  shape?: readonly Dimension[];
  outputs?: readonly ("pooled" | "features" | "logarithm" | "image")[];
  bytes?: boolean;
  external?: boolean;
} = {}): Uint8Array {
  const [batch, channels = 3] = shape;
  const { data } = weights(channels);
  const node = (opType: string, input: string[], output: string, attribute: object[] = []) => ({
    opType,
    input,
    output: [output],
    name: output,
    attribute,
  });
  const shapes = {
    pooled: [batch, channels, 1, 1],
    features: [batch, 4],
    logarithm: [batch, 4],
    image: shape,
  };
  const initializer = {
    name: "weights",
    dims: [channels, 4],
    dataType: FLOAT,
    rawData: new Uint8Array(data.buffer),
  };
  const model = encodeModel({
    irVersion: 9,
    opsetImport: [{ domain: "", version: 17 }],
    graph: {
      name: "handmade",
      node: [
        node("Cast", ["images"], "image", [{ name: "to", i: FLOAT, type: 2 }]),
        node("GlobalAveragePool", ["image"], "pooled"),
        node("Flatten", ["pooled"], "flat"),
        node("MatMul", ["flat", "weights"], "features"),
        node("Log", ["features"], "logarithm"),
      ],
      initializer: external ? [] : [initializer],
      input: [port("images", shape, bytes ? UINT8 : FLOAT)],
      output: outputs.map((name) => port(name, shapes[name], FLOAT)),
    },
  });
  return external ? Buffer.concat([model, elsewhere]) : model;
}

/** A further piece of ModelProto.graph (7): an initializer (5) named `w` (8) whose data_location (14) is EXTERNAL (1). */
const elsewhere = Uint8Array.from([0x3a, 0x07, 0x2a, 0x05, 0x42, 0x01, 0x77, 0x70, 0x01]);
