import * as tf from "@tensorflow/tfjs-core";
import { assert, BenchError, messageOf } from "../../core/errors.ts";
import type { CompileOptions, HostTensor, Program, Signature } from "../contract.ts";
import { registerGradients, withoutGradient } from "../ops/gradients/index.ts";
import type { FileOptions, GraphValue } from "./graph.ts";
import { registerTraceKernels } from "./kernels/index.ts";
import { elementType, TRACE_BACKEND, traceBackend } from "./tracer.ts";

interface TraceOptions<In extends string> extends CompileOptions<In>, FileOptions {
  /** Channels of a block of ONNX Runtime's blocked layout; default 1, a model that every tool reads. */
  readonly block?: number;
}

/** Frames kept of an error: autodiff stands many deep between an operation and the program that asked for it. */
const FRAMES = 60;

/** Where a program called the operation: the first frame outside TF.js (source maps name its sources) and this engine. */
function callSite(error: unknown): string {
  const frames = (error instanceof Error ? (error.stack ?? "") : "").split("\n").slice(1);
  const frame = frames.find((line) => !/node_modules|node:|tfjs-|[\\/]src[\\/]engine[\\/]/.test(line));
  return frame?.trim().replace(/^at /, "") ?? "an unknown place";
}

const reasoned = (why: string | undefined) => (why ? `: ${why}` : "");

function explain(error: unknown, program: string): unknown {
  const flat = /gradient function not found for (\w+)/.exec(messageOf(error))?.[1];
  if (flat)
    return new BenchError(
      "UNSUPPORTED_OP",
      `${program}: operation ${flat} has no gradient${reasoned(withoutGradient[flat])}; it was asked for at ` +
        `${callSite(error)}. Write it with differentiable operations, or add one to src/engine/ops/gradients.`,
      { cause: error },
    );
  const missing = /Kernel '(\w+)' not registered for backend/.exec(messageOf(error))?.[1];
  if (!missing) return error;
  return new BenchError(
    "UNSUPPORTED_OP",
    `${program}: operation ${missing} has no ONNX lowering; it was called at ${callSite(error)}. ` +
      "Write it with supported operations, or add a kernel to src/engine/onnx/kernels.",
    { cause: error },
  );
}

/**
 * Runs a program once on the tracing backend and returns its graph; `model` is the ONNX model file. Synchronous inside: TF.js's current backend is
 * process-wide state, taken and put back without a pause. Throws UNSUPPORTED_OP for an operation without a lowering.
 */
export function traceProgram<In extends string, Out extends string>(
  name: string,
  program: Program<In, Out>,
  signature: Signature<In>,
  options: TraceOptions<In> = {},
) {
  registerGradients();
  registerTraceKernels();
  const backend = traceBackend();
  const started = performance.now();
  const previous = tf.engine().backendName;
  void tf.setBackend(TRACE_BACKEND); // settles at once: the backend is made synchronously
  assert(tf.engine().backendName === TRACE_BACKEND, "the tracing backend could not be selected");
  const frames = Error.stackTraceLimit;
  Error.stackTraceLimit = Math.max(frames, FRAMES);
  try {
    backend.reset(options.block);
    const { graph } = backend;
    const constants = (options.constants ?? {}) as Record<string, HostTensor>;
    const results: Record<string, GraphValue> = {};
    tf.tidy(() => {
      const inputs = Object.fromEntries(
        Object.entries(signature as Signature).map(([key, { shape, dtype = "float32" }]) => {
          const fixed = constants[key];
          return [
            key,
            backend.wrapTensor(
              fixed
                ? graph.constant(fixed.data, shape, elementType(dtype))
                : graph.input(key, shape, elementType(dtype)),
            ),
          ];
        }),
      ) as Record<In, tf.Tensor>;
      for (const [key, tensor] of Object.entries<tf.Tensor>(program(inputs)))
        results[key] = backend.value(tensor);
    });
    const outputs = Object.fromEntries(
      Object.entries(results).map(([key, { shape, type }]) => {
        assert(type === "float32" || type === "int32", `${name}: output ${key} is ${type}; cast it`);
        return [key, { shape, dtype: type }];
      }),
    ) as Signature<Out>;
    const { model, nodes } = graph.finish(name, results, options);
    return { outputs, nodes, model, traceMs: performance.now() - started };
  } catch (error) {
    throw explain(error, name);
  } finally {
    Error.stackTraceLimit = frames;
    backend.reset();
    if (previous) void tf.setBackend(previous);
  }
}
