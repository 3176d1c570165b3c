/**
 * Operations that TF.js lacks or spells in a way that compiles badly. Each is a TF.js kernel of our own, run through
 * TF.js's dispatcher, so autodiff sees it. Its file holds its name, its gradient and, for backends that compute at once, a
 * composition of TF.js's own kernels, slow and independent of the ONNX lowering in engine/onnx/kernels. Activations are
 * channels-first, [batch, channels, height, width], because ONNX Runtime's Conv is.
 */
import * as tf from "@tensorflow/tfjs-core";

export type KernelInputs = Readonly<Record<string, tf.Tensor4D>>;

/** A kernel of ours: what runs it, and how TF.js's kernels compute it. */
export interface Kernel<Attributes extends object> {
  readonly name: string;
  compose(inputs: KernelInputs, attributes: Attributes): tf.Tensor | tf.Tensor[];
}

/** Runs a kernel on the current backend; `Result` is what its composition gives. */
export function runKernel<Result, Attributes extends object>(
  { name }: Kernel<Attributes>,
  inputs: Readonly<Record<string, tf.Tensor>>,
  attributes: Attributes,
): Result {
  return tf.engine().runKernel(name, inputs, { ...attributes } as unknown as tf.NamedAttrMap) as Result;
}

/** Idempotent; `backendName` is a TF.js backend that computes at once, `cpu` or `tensorflow`. */
export function registerEagerKernel<Attributes extends object>(
  { name, compose }: Kernel<Attributes>,
  backendName: string,
): void {
  if (tf.getKernel(name, backendName)) return;
  tf.registerKernel({
    kernelName: name,
    backendName,
    kernelFunc: ({ inputs, attrs }) =>
      compose(inputs as unknown as KernelInputs, attrs as unknown as Attributes),
  });
}
