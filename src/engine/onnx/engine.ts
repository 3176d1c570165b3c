/** Programs traced into ONNX graphs and run by ONNX Runtime, on its cpu, webgpu or cuda provider. */
import { createHash } from "node:crypto";
import type { InferenceSession, OnnxValue, Tensor } from "onnxruntime-node";
import { assert, BenchError, messageOf } from "../../core/errors.ts";
import type {
  Compiled,
  CompileOptions,
  DeviceDescription,
  Engine,
  HostTensor,
  OpenOptions,
  Precision,
  Program,
  Signature,
  Value,
} from "../contract.ts";
import { sizeOf } from "../contract.ts";
import { outputName } from "./graph.ts";
import { layoutBlock, type Ort } from "./layout.ts";
import { traceProgram } from "./trace.ts";

interface OnnxOptions extends OpenOptions {
  readonly provider: "cpu" | "webgpu" | "cuda";
  readonly device: DeviceDescription;
}

class OrtValue implements Value {
  readonly tensor: Tensor;
  readonly #read: (tensor: Tensor) => Promise<Float32Array | Int32Array>;

  constructor(tensor: Tensor, read: (tensor: Tensor) => Promise<Float32Array | Int32Array>) {
    this.tensor = tensor;
    this.#read = read;
  }

  get shape(): readonly number[] {
    return this.tensor.dims;
  }

  get dtype(): "float32" | "int32" {
    return this.tensor.type as "float32" | "int32";
  }

  read(): Promise<Float32Array | Int32Array> {
    return this.#read(this.tensor);
  }

  dispose(): void {
    this.tensor.dispose();
  }
}

/** A key of everything that a compiled program depends on besides the function itself. */
function signatureKey(
  signature: Signature,
  constants: Readonly<Record<string, HostTensor>>,
  precision: Precision,
): string {
  const hash = createHash("sha256").update(JSON.stringify(signature)).update(precision);
  for (const [name, { shape, data }] of Object.entries(constants))
    hash.update(`${name}[${shape}]`).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return hash.digest("hex");
}

/** `load` brings ONNX Runtime; a test gives one that lacks something. */
export async function createOnnxEngine(
  options: OnnxOptions,
  load: () => Promise<Ort> = () => import("onnxruntime-node"),
): Promise<Engine> {
  // ONNX Runtime 1.30 uploads usage data and keeps a device id in the user's cache folder unless this is set
  process.env.ORT_DISABLE_TELEMETRY = "1";
  const ort = await load();
  const resident = options.provider !== "cpu";
  const cache = new Map<Program, Map<string, Cached>>();
  const copiers = new Map<string, Compiled>();
  const block = options.provider === "cpu" ? await layoutBlock(ort) : 1;
  let traces = 0;

  const sessionOptions = (outputs: readonly string[], host: boolean, training: boolean) => ({
    executionProviders: [options.provider],
    graphOptimizationLevel: "all" as const,
    logSeverityLevel: 3 as const,
    // a plan of all buffers lies beside those of the first call: two thirds more memory for some percent of speed
    enableMemPattern: !training,
    // ONNX Runtime refuses the key without a number
    ...(options.threads !== undefined && { intraOpNumThreads: options.threads }),
    ...(options.profile ? { enableProfiling: true, profileFilePrefix: options.profile } : {}),
    preferredOutputLocation:
      resident && !host
        ? Object.fromEntries(outputs.map((name) => [name, "gpu-buffer" as const]))
        : undefined,
  });

  const toTensor = (given: Value | HostTensor): Tensor => {
    if (given instanceof OrtValue) return given.tensor;
    assert("data" in given, "a value of another engine was given");
    const { data, shape } = given;
    assert(data.length === sizeOf(shape), `${data.length} values for [${shape}]`);
    return data instanceof Int32Array
      ? new ort.Tensor("int32", data, [...shape])
      : new ort.Tensor("float32", data, [...shape]);
  };

  const hostData = (tensor: Tensor) => (tensor.data as Float32Array | Int32Array).slice();

  /** A resident tensor is read through a session whose output is on the host: its own getData ends the process. */
  const read = async (tensor: Tensor): Promise<Float32Array | Int32Array> => {
    if (tensor.location === "cpu") return hostData(tensor);
    const dtype = tensor.type as "float32" | "int32";
    const key = `${dtype}[${tensor.dims}]`;
    let copier = copiers.get(key);
    if (!copier) {
      const signature = { x: { shape: tensor.dims, dtype } };
      copier = await build("download", identity as Program, signature, {}, "float32", true);
      copiers.set(key, copier);
    }
    const { x } = await copier.run({ x: new OrtValue(tensor, read) });
    return hostData((x as OrtValue).tensor);
  };

  async function build(
    name: string,
    program: Program,
    signature: Signature,
    constants: Readonly<Record<string, HostTensor>>,
    precision: Precision,
    host: boolean,
  ): Promise<Compiled> {
    traces++;
    const traceOptions = { constants, precision };
    const { outputs, nodes, traceMs, model } = traceProgram(name, program, signature, {
      ...traceOptions,
      block,
      emulated: options.provider === "cpu",
    });
    const started = performance.now();
    const outputNames = Object.keys(outputs).map(outputName);
    const training = Object.keys(constants).length === 0; // weights come in with every call
    let session: InferenceSession;
    try {
      session = await ort.InferenceSession.create(model, sessionOptions(outputNames, host, training));
    } catch (error) {
      throw new BenchError(
        "ENGINE_FAILED",
        `ONNX Runtime (${options.provider}) refused ${name}: ${messageOf(error)}`,
        { cause: error },
      );
    }
    const statistics = { nodes, traceMs, compileMs: performance.now() - started };
    const names = Object.keys(signature).filter((key) => !(key in constants));
    return {
      name,
      inputs: signature,
      outputs,
      statistics,
      onnx: () => traceProgram(name, program, signature, traceOptions).model,
      async run(inputs) {
        const feeds: Record<string, OnnxValue> = {};
        for (const key of names) {
          const given = inputs[key];
          assert(given !== undefined, `${name}: input ${key} is missing`);
          feeds[key] = toTensor(given);
        }
        const results = await session.run(feeds);
        return Object.fromEntries(
          Object.keys(outputs).map((key) => [key, new OrtValue(results[outputName(key)] as Tensor, read)]),
        );
      },
      dispose: () => void session.release(),
    };
  }

  const engine: Engine = {
    name: "onnx",
    provider: options.provider,
    device: options.device,
    runtime: { "onnxruntime-node": ort.env.versions.node ?? "unknown" },
    get traces() {
      return traces;
    },
    async compile<In extends string, Out extends string>(
      name: string,
      program: Program<In, Out>,
      signature: Signature<In>,
      compileOptions?: CompileOptions<In>,
    ): Promise<Compiled<In, Out>> {
      const constants = (compileOptions?.constants ?? {}) as Record<string, HostTensor>;
      const plain = program as Program;
      const asked = compileOptions?.sampling ? options.precision : undefined;
      const precision = compileOptions?.precision ?? asked ?? "float32";
      const key = signatureKey(signature, constants, precision);
      const cached = cache.get(plain)?.get(key) ?? {
        compiled: await build(name, plain, signature, constants, precision, false),
        holders: 0,
      };
      const programs = cache.get(plain) ?? new Map<string, Cached>();
      cache.set(plain, programs);
      programs.set(key, cached);
      cached.holders++;
      let held = true;
      const dispose = () => {
        if (!held) return;
        held = false;
        if (--cached.holders > 0) return;
        programs.delete(key);
        if (programs.size === 0) cache.delete(plain); // a model that is opened brings programs of its own
        cached.compiled.dispose();
      };
      return { ...cached.compiled, dispose } as unknown as Compiled<In, Out>;
    },
    async upload(tensor) {
      if (!resident) return new OrtValue(toTensor(tensor), read);
      const dtype = tensor.data instanceof Int32Array ? "int32" : "float32";
      const copier = await engine.compile("upload", identity, { x: { shape: tensor.shape, dtype } });
      return (await copier.run({ x: tensor })).x;
    },
    async drain() {
      if (!resident) return;
      // the queue is in order: once this has come back, everything before it has run
      const marker = await engine.upload({ shape: [1], data: new Float32Array(1) });
      await marker.read();
      marker.dispose();
    },
    async dispose() {
      for (const programs of cache.values()) for (const { compiled } of programs.values()) compiled.dispose();
      for (const copier of copiers.values()) copier.dispose();
      cache.clear();
      copiers.clear();
    },
  };
  return engine;
}

interface Cached {
  readonly compiled: Compiled;
  holders: number;
}

const identity: Program<"x", "x"> = ({ x }) => ({ x });
