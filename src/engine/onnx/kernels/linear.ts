import { backend_util } from "@tensorflow/tfjs-core";
import type { GraphValue } from "../graph.ts";
import type { TraceBackend } from "../tracer.ts";
import { type Lowering, transpose } from "./define.ts";

function lastTwoSwapped(backend: TraceBackend, x: GraphValue): GraphValue {
  const perm = x.shape.map((_, i) => i);
  const last = perm.length - 1;
  [perm[last], perm[last - 1]] = [last - 1, last];
  return transpose(backend, x, perm);
}

/** ONNX Runtime fuses the transposes into the product. */
const batchMatMul: Lowering = ({ a, b }, { transposeA, transposeB }, backend) => {
  const left = transposeA ? lastTwoSwapped(backend, backend.value(a!)) : backend.value(a!);
  const right = transposeB ? lastTwoSwapped(backend, backend.value(b!)) : backend.value(b!);
  const batch = backend_util.assertAndGetBroadcastShape(left.shape.slice(0, -2), right.shape.slice(0, -2));
  return backend.emit("MatMul", [left, right], [...batch, left.shape.at(-2)!, right.shape.at(-1)!]);
};

export const linear: Readonly<Record<string, Lowering>> = { BatchMatMul: batchMatMul };
