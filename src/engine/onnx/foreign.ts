/**
 * ONNX models that a user brings: one image-like input, any outputs, run by ONNX Runtime on the cpu, in this process: what a
 * stranger made runs in one of its own, by network.ts.
 */
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import type { InferenceSession } from "onnxruntime-node";
import { assert, BenchError, messageOf } from "../../core/errors.ts";
import { sha256 } from "../../core/hash.ts";
import { sizeOf } from "../contract.ts";
import { type Anatomy, anatomyOf } from "./anatomy.ts";

/** A model's input or output as its file declares it; a dimension is a number, or the name of one that is open. */
export interface Port {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly (number | string)[];
}

export type ForeignModel = Awaited<ReturnType<typeof openForeignModel>>;

/** Row-major. */
export interface ForeignInput {
  readonly shape: readonly number[];
  readonly data: Float32Array | Uint8Array;
}

/**
 * Opens the model in `path` on `threads` threads (default: the runtime's choice). `onSeen` is told what the file holds
 * before the runtime gets it. @throws BAD_DATA for a file that
 * cannot be read, is no ONNX model, keeps weights in other files or takes other than one tensor.
 */
export async function openForeignModel(
  path: string,
  threads?: number,
  onSeen: (seen: { readonly bytes: number; readonly repeats: boolean }) => void = () => {},
) {
  const file = basename(path);
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new BenchError("BAD_DATA", `the model ${path} cannot be read: ${messageOf(cause)}`, { cause });
  });
  const { repeats } = examined(bytes, file);
  onSeen({ bytes: bytes.length, repeats });

  // ONNX Runtime 1.30 uploads usage data and keeps a device id in the user's cache folder unless this is set; "0" would not do
  process.env.ORT_DISABLE_TELEMETRY = "1";
  const ort = await import("onnxruntime-node");
  const options: InferenceSession.SessionOptions = {
    executionProviders: ["cpu"],
    graphOptimizationLevel: "all",
    logSeverityLevel: 4, // what it has to say comes with its exceptions
    // ONNX Runtime refuses the key without a number
    ...(threads !== undefined && { intraOpNumThreads: threads }),
  };
  const session = await ort.InferenceSession.create(bytes, options).catch((cause: unknown) => {
    throw new BenchError("BAD_DATA", `${file}: ONNX Runtime cannot load it: ${brief(cause)}`, { cause });
  });
  const [inputs, outputs] = [ports(session.inputMetadata), ports(session.outputMetadata)];
  const input = inputs[0];
  if (inputs.length !== 1 || session.inputNames.length !== 1 || !input) {
    await session.release();
    throw new BenchError(
      "BAD_DATA",
      `${file} takes ${session.inputNames.length} inputs (${session.inputNames.join(", ")}); a model of one tensor is needed`,
    );
  }
  return {
    /** Name of the file without its folder. */
    file,
    /** sha256 (hex) of the file, which holds all weights. */
    sha256: sha256(bytes),
    /** Version of the runtime that executes it. */
    runtime: `onnxruntime-node ${ort.env.versions.node ?? "unknown"}`,
    input,
    outputs,
    /**
     * One output for one input, row-major both. @throws BAD_DATA where the model does not take that input, or gives
     * anything but float32.
     */
    async run({ shape, data }: ForeignInput, output: string) {
      assert(data.length === sizeOf(shape), `${data.length} values for [${shape}]`);
      const tensor =
        data instanceof Uint8Array
          ? new ort.Tensor("uint8", data, [...shape])
          : new ort.Tensor("float32", data, [...shape]);
      const results = await session.run({ [input.name]: tensor }, [output]).catch((cause: unknown) => {
        const given = `${tensor.type} [${shape.join(", ")}]`;
        throw new BenchError(
          "BAD_DATA",
          `${file} cannot be run on ${given}; its input is ${describePort(input)}: ${brief(cause)}`,
          { cause },
        );
      });
      const result = results[output]!;
      if (!(result.data instanceof Float32Array))
        throw new BenchError("BAD_DATA", `${file}: output ${output} is ${result.type}; float32 is needed`);
      const held = { shape: [...result.dims], data: result.data.slice() };
      result.dispose();
      return held;
    },
    dispose: () => session.release(),
  };
}

/** `features float32 [n, 2048]`. */
export function describePort({ name, type, shape }: Port): string {
  return `${name} ${type} [${shape.map((d) => (typeof d === "string" && d === "" ? "?" : d)).join(", ")}]`;
}

const ports = (metadata: readonly InferenceSession.ValueMetadata[]): Port[] =>
  metadata.flatMap((port) =>
    port.isTensor ? [{ name: port.name, type: port.type, shape: [...port.shape] }] : [],
  );

/** The first line of a library's message. */
const brief = (cause: unknown) => messageOf(cause).split("\n")[0]!.slice(0, 300);

/**
 * A model may point at further files for its weights: its hash would not cover them, and a path in a stranger's file
 * is not to be followed.
 */
function examined(bytes: Uint8Array, file: string): Anatomy {
  const refuse = (why: string, cause?: unknown) =>
    new BenchError("BAD_DATA", `${file} is not an ONNX model: ${why}`, cause ? { cause } : {});
  let anatomy: Anatomy;
  try {
    anatomy = anatomyOf(bytes);
  } catch (cause) {
    throw refuse(messageOf(cause), cause);
  }
  if (!anatomy.graph) throw refuse("it has no graph");
  if (anatomy.elsewhere !== undefined)
    throw new BenchError(
      "BAD_DATA",
      `${file} keeps weights (${anatomy.elsewhere}) in another file; save it as one file, e.g. onnx.save(model, path, save_as_external_data=False)`,
    );
  return anatomy;
}
