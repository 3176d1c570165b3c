/** Which blocked layout ONNX Runtime has on this machine (docs/decisions/0014-training-in-the-blocked-layout.md). */
import { BenchError, messageOf } from "../../core/errors.ts";
import { sizeOf } from "../contract.ts";
import { Graph, outputName } from "./graph.ts";
import { BLOCK_PROBE, blockOf } from "./kernels/blocked.ts";

export type Ort = typeof import("onnxruntime-node");

/** What ONNX Runtime says of an operator that it does not know, or knows and cannot run. */
const missing = [
  /is not a registered function\/op/,
  /No Op registered for ReorderInput/,
  /Could not find an implementation for ReorderInput/,
];

/**
 * Channels of a block of the blocked layout on this processor; 1 where ONNX Runtime has none for it. @throws
 * ENGINE_FAILED where the question itself fails.
 */
export async function layoutBlock(ort: Ort): Promise<number> {
  const { shape, op } = BLOCK_PROBE;
  const graph = new Graph();
  const y = graph.emit(op, [graph.input("x", shape, "float32")], shape);
  const { model } = graph.finish("layout", { y });
  try {
    const session = await ort.InferenceSession.create(model, { logSeverityLevel: 4 });
    const data = Float32Array.from({ length: sizeOf(shape) }, (_, i) => i);
    const result = await session.run({ x: new ort.Tensor("float32", data, [...shape]) });
    await session.release();
    return blockOf(result[outputName("y")]!.data as Float32Array);
  } catch (error) {
    const message = messageOf(error);
    if (missing.some((says) => says.test(message))) return 1;
    throw new BenchError(
      "ENGINE_FAILED",
      `ONNX Runtime could not be asked for its blocked layout: ${message}`,
      {
        cause: error,
      },
    );
  }
}
