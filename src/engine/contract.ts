/**
 * The engine's contract. A program is a pure function of named tensors in `tf.*` operations and the operations of
 * `engine/ops`: no variables, no reads, no Math.random. What changes per call comes in as an input, state goes out as
 * an output. An engine compiles a program for one signature (all shapes fixed) and runs it on values; outputs may be
 * fed back as inputs and stay on the device, and only what is read is downloaded.
 */
import type { Tensor } from "@tensorflow/tfjs-core";

export type DType = "float32" | "int32";

export interface TensorSpec {
  readonly shape: readonly number[];
  /** Default float32. */
  readonly dtype?: DType;
}

/** Names and shapes of a program's inputs. */
export type Signature<Name extends string = string> = Readonly<Record<Name, TensorSpec>>;

export type Program<In extends string = string, Out extends string = string> = (
  inputs: Readonly<Record<In, Tensor>>,
) => Readonly<Record<Out, Tensor>>;

/** A tensor in host memory, row-major. */
export interface HostTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

/** A tensor that lives on the engine's device. */
export interface Value {
  readonly shape: readonly number[];
  readonly dtype: DType;
  /** Downloads; float32 values come as Float32Array, int32 as Int32Array. The array is the caller's own. */
  read(): Promise<Float32Array | Int32Array>;
  dispose(): void;
}

export interface CompileStatistics {
  readonly nodes: number;
  readonly traceMs: number;
  readonly compileMs: number;
}

export interface Compiled<In extends string = string, Out extends string = string> {
  readonly name: string;
  readonly inputs: Signature<In>;
  readonly outputs: Signature<Out>;
  readonly statistics: CompileStatistics;
  /** Inputs bound as constants at compile time are not given again. Values stay the caller's to dispose. */
  run(inputs: Readonly<Partial<Record<In, Value | HostTensor>>>): Promise<Record<Out, Value>>;
  /** The program as an ONNX model file (opset and IR version pinned), whatever the engine. */
  onnx(): Uint8Array;
  dispose(): void;
}

/** In what a program computes, or the part that it marks as `reducible`; its inputs and outputs are float32 either way. */
export type Precision = "float32" | "float16";

export interface CompileOptions<In extends string = string> {
  /** The program makes samples: it computes in the engine's precision for sampling. All others compute in float32. */
  readonly sampling?: boolean;
  /** Whatever the engine's is. float16 is for sampling, on the onnx engine; training in it diverges. */
  readonly precision?: Precision;
  /** Inputs whose values never change: folded into the compiled program, which may then run faster. */
  readonly constants?: Readonly<Partial<Record<In, HostTensor>>>;
}

export type EngineName = "onnx" | "tensorflow" | "reference";
export type Provider = "cpu" | "webgpu" | "cuda" | "tensorflow-cpu" | "tensorflow-gpu" | "tfjs-cpu";

/** What a run records of where it ran. Never the hostname. */
export interface DeviceDescription {
  readonly kind: "cpu" | "gpu";
  /** Model of the processor or adapter, e.g. `AMD EPYC 7763`. */
  readonly model: string;
  /** True for a GPU emulated on the CPU, e.g. SwiftShader. */
  readonly software: boolean;
  readonly threads?: number;
  readonly driver?: string;
}

/** What an engine is and where it runs. */
export interface EngineFacts {
  readonly name: EngineName;
  readonly provider: Provider;
  readonly device: DeviceDescription;
  /** Versions of the libraries that execute, e.g. { "onnxruntime-node": "1.30.0" }. */
  readonly runtime: Readonly<Record<string, string>>;
}

export interface Engine extends EngineFacts {
  /** Traces made so far: a program is traced once per signature and constants, never per call. */
  readonly traces: number;
  compile<In extends string, Out extends string>(
    name: string,
    program: Program<In, Out>,
    signature: Signature<In>,
    options?: CompileOptions<In>,
  ): Promise<Compiled<In, Out>>;
  upload(tensor: HostTensor): Promise<Value>;
  /** Resolves when all work handed over so far is done: read clocks after it. */
  drain(): Promise<void>;
  dispose(): Promise<void>;
}

/** How a rung of the ladder is opened. */
export interface OpenOptions {
  /** Threads of one operator; undefined leaves it to the runtime. */
  readonly threads?: number;
  /** What a probe found; an engine reports it rather than look again. */
  readonly device?: DeviceDescription;
  /** Writes ONNX Runtime's profile of every session to files with this prefix. */
  readonly profile?: string;
  /** In what programs that sample compute, unless compile says another; default float32. @throws NO_ENGINE for one that the engine cannot. */
  readonly precision?: Precision;
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, d) => product * d, 1);
}
