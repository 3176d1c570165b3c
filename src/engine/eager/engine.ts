/** Engines that compute at once, through a TF.js backend: `reference` (TF.js's cpu backend) and `tensorflow`. */
import * as tf from "@tensorflow/tfjs-core";
import { assert, BenchError } from "../../core/errors.ts";
import type {
  Compiled,
  CompileOptions,
  Engine,
  EngineFacts,
  HostTensor,
  Program,
  Signature,
  Value,
} from "../contract.ts";
import { sizeOf } from "../contract.ts";
import { traceProgram } from "../onnx/trace.ts";
import { registerGradients } from "../ops/gradients/index.ts";
import { registerEagerKernels } from "./kernels.ts";

interface EagerDescription extends EngineFacts {
  /** Name of the registered TF.js backend. */
  readonly backend: string;
}

class EagerValue implements Value {
  readonly shape: readonly number[];
  readonly dtype: "float32" | "int32";
  readonly tensor: tf.Tensor;

  constructor(tensor: tf.Tensor) {
    this.tensor = tensor;
    this.shape = tensor.shape;
    this.dtype = tensor.dtype === "int32" ? "int32" : "float32";
  }

  async read(): Promise<Float32Array | Int32Array> {
    return (await this.tensor.data()).slice() as Float32Array | Int32Array;
  }

  dispose(): void {
    this.tensor.dispose();
  }
}

function toTensor(given: Value | HostTensor): tf.Tensor {
  if (given instanceof EagerValue) return given.tensor;
  assert("data" in given, "a value of another engine was given");
  assert(given.data.length === sizeOf(given.shape), `${given.data.length} values for [${given.shape}]`);
  return tf.tensor(given.data, [...given.shape], given.data instanceof Int32Array ? "int32" : "float32");
}

export async function createEagerEngine(description: EagerDescription): Promise<Engine> {
  const { backend, ...facts } = description;
  registerGradients();
  registerEagerKernels(backend);
  if (!tf.findBackend(backend)) throw new BenchError("NO_ENGINE", `TF.js has no backend ${backend}`);
  let traces = 0;

  const onBackend = async <T>(work: () => T): Promise<T> => {
    if (tf.getBackend() !== backend) await tf.setBackend(backend);
    return work();
  };

  return {
    ...facts,
    get traces() {
      return traces;
    },
    async compile<In extends string, Out extends string>(
      name: string,
      program: Program<In, Out>,
      signature: Signature<In>,
      options: CompileOptions<In> = {},
    ): Promise<Compiled<In, Out>> {
      if (options.precision === "float16")
        throw new BenchError(
          "BAD_CONFIG",
          `${name}: float16 is the onnx engine's alone; take --engine onnx, or float32`,
        );
      traces++;
      const traced = traceProgram(name, program, signature, options);
      const constants = (options.constants ?? {}) as Record<string, HostTensor>;
      return {
        name,
        inputs: signature,
        outputs: traced.outputs,
        statistics: { nodes: traced.nodes, traceMs: traced.traceMs, compileMs: 0 },
        onnx: () => traced.model,
        run: (inputs) =>
          onBackend(() => {
            const given = inputs as Record<string, Value | HostTensor>;
            const outputs = tf.tidy(() => {
              const tensors = Object.fromEntries(
                Object.keys(signature).map((key) => {
                  const value = constants[key] ?? given[key];
                  assert(value !== undefined, `${name}: input ${key} is missing`);
                  return [key, toTensor(value)];
                }),
              ) as Record<In, tf.Tensor>;
              const results = program(tensors) as Record<string, tf.Tensor>;
              // an output that is an input gets a handle of its own, to be disposed of by itself
              return Object.fromEntries(
                Object.entries(results).map(([key, tensor]) => [key, tf.clone(tensor)]),
              );
            });
            return Object.fromEntries(
              Object.entries(outputs).map(([key, tensor]) => [key, new EagerValue(tensor)]),
            ) as unknown as Record<Out, Value>;
          }),
        dispose() {},
      };
    },
    upload: (tensor) => onBackend(() => new EagerValue(tf.keep(toTensor(tensor)))),
    async drain() {},
    async dispose() {},
  };
}
