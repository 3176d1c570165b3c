/** An ONNX Runtime without the blocked layout's nodes: graphs are plain there, and the numbers the same. */
import * as tf from "@tensorflow/tfjs-core";
import * as ort from "onnxruntime-node";
import { expect, it } from "vitest";
import type { Program } from "../../src/engine/contract.ts";
import { createOnnxEngine } from "../../src/engine/onnx/engine.ts";
import { Graph } from "../../src/engine/onnx/graph.ts";
import { layoutBlock, type Ort } from "../../src/engine/onnx/layout.ts";
import { conv2d } from "../../src/engine/ops/index.ts";
import { numbers, relativeError } from "./numbers.ts";

const DOMAIN = "com.microsoft.nchwc";

/** Refuses models that hold the layout's nodes, in these words; what ONNX Runtime 1.30 says of a domain's unknown node. */
function without(message = `Fatal error: ${DOMAIN}:ReorderInput(-1) is not a registered function/op`) {
  const refused: number[] = [];
  const create = async (model: Uint8Array, options: ort.InferenceSession.SessionOptions) => {
    if (!Buffer.from(model).includes(DOMAIN)) return ort.InferenceSession.create(model, options);
    refused.push(model.length);
    throw new Error(message);
  };
  return { ort: { ...ort, InferenceSession: { create } } as unknown as Ort, refused };
}

/** A convolution that takes blocks where there are any, and both of its gradients. */
const program: Program<"x" | "filter", "y" | "dx" | "dfilter"> = ({ x, filter }) => {
  const convolve = (image: tf.Tensor, kernel: tf.Tensor) =>
    conv2d(image as tf.Tensor4D, kernel as tf.Tensor4D, undefined, { stride: 1, padding: 1 });
  const loss = (image: tf.Tensor, kernel: tf.Tensor) => tf.sum(tf.square(convolve(image, kernel)));
  const [dx, dfilter] = tf.grads(loss)([x, filter]) as [tf.Tensor, tf.Tensor];
  return { y: convolve(x, filter), dx, dfilter };
};
const inputs = { x: numbers([2, 16, 5, 6], 0.5), filter: numbers([16, 16, 3, 3], 0.3, 1) };
const device = { kind: "cpu", model: "test", software: false } as const;

async function outputs(load?: () => Promise<Ort>) {
  const engine = await createOnnxEngine({ provider: "cpu", device, threads: 1 }, load);
  const signature = { x: { shape: inputs.x.shape }, filter: { shape: inputs.filter.shape } };
  const compiled = await engine.compile("convolution", program, signature);
  const values = await compiled.run(inputs);
  const read = { y: await values.y.read(), dx: await values.dx.read(), dfilter: await values.dfilter.read() };
  await engine.dispose();
  return read;
}

it("gives plain graphs, which compute the same", async () => {
  const poor = without();
  const [plain, usual] = [await outputs(async () => poor.ort), await outputs()];
  expect(poor.refused).toHaveLength(1); // the question, and no program after it
  for (const name of ["y", "dx", "dfilter"] as const)
    expect(relativeError(plain[name], usual[name])).toBeLessThan(1e-5);
});

it.each([
  `Fatal error: ${DOMAIN}:ReorderInput(-1) is not a registered function/op`,
  'This is an invalid model. In Node, ("/t0", ReorderInput), Error No Op registered for ReorderInput with domain_version of 1',
  "Could not find an implementation for ReorderInput(1) node with name '/t0'",
])("is told by: %s", async (message) => {
  expect(await layoutBlock(without(message).ort)).toBe(1);
});

it.each(["Failed to load model because protobuf parsing failed.", "bad allocation"])(
  "is not concluded from: %s",
  async (message) => {
    await expect(layoutBlock(without(message).ort)).rejects.toMatchObject({
      code: "ENGINE_FAILED",
      message: expect.stringContaining(message),
    });
  },
);

it("knows ONNX Runtime's real words for a node that it lacks", async () => {
  const graph = new Graph();
  const y = graph.emit(`${DOMAIN}:Nowhere`, [graph.input("x", [1], "float32")], [1]);
  const said = await ort.InferenceSession.create(graph.finish("layout", { y }).model, { logSeverityLevel: 4 })
    .then(() => "nothing")
    .catch((error: Error) => error.message);
  expect(await layoutBlock(without(said.replace("Nowhere", "ReorderInput")).ort)).toBe(1);
});
