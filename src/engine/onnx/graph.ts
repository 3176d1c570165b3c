/**
 * An ONNX graph under construction. Emitting a node that exists already returns the one that exists (common
 * subexpressions are shared from the start); what no output needs is left out when the model is written.
 */
import { assert } from "../../core/errors.ts";
import type { Precision } from "../contract.ts";
import { sizeOf } from "../contract.ts";
import { currentScope } from "../ops/scope.ts";
import { inHalfPrecision } from "./half.ts";
import { attributeTypes, dataTypes, encodeModel } from "./schema.ts";

/** Pinned: readable by ONNX Runtime since 1.15 and by every current tool. */
export const OPSET = 18;
export const IR_VERSION = 9;

export type ElementType = Exclude<keyof typeof dataTypes, "float16">;

type Attribute = number | string | readonly number[] | { readonly float: number };
export type Attributes = Readonly<Record<string, Attribute>>;

export interface GraphValue {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: ElementType;
}

interface Node {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly types: readonly ElementType[];
  readonly attributes: Attributes;
  /** The operation of the program that it comes from. */
  readonly origin: string;
  /** Whether it may compute in fewer bits. */
  readonly reducible: boolean;
}

/** How a model file is written. */
export interface FileOptions {
  /** Of the parts that may compute in fewer bits; default float32. */
  readonly precision?: Precision;
  /** For a provider that has no float16: the graph rounds by itself. */
  readonly emulated?: boolean;
  /** Texts that the file carries for its readers, by key. */
  readonly metadata?: Readonly<Record<string, string>>;
}

type Numbers = ArrayLike<number>;

interface Initialiser extends GraphValue {
  readonly data: Numbers;
}

export class Graph {
  readonly #nodes: Node[] = [];
  readonly #inputs: GraphValue[] = [];
  readonly #initialisers = new Map<string, Initialiser>();
  readonly #known = new Map<string, readonly string[]>();
  /** What each result of Reshape holds in another shape. */
  readonly #reshaped = new Map<string, GraphValue>();
  /** Names of what changes from call to call: inputs, and what depends on one. */
  readonly #dynamic = new Set<string>();
  #names = 0;

  input(name: string, shape: readonly number[], type: ElementType): GraphValue {
    const value = { name: `in:${name}`, shape, type };
    this.#inputs.push(value);
    this.#dynamic.add(value.name);
    return value;
  }

  /** Constants of up to eight values are shared by content. */
  constant(data: Numbers, shape: readonly number[], type: ElementType): GraphValue {
    assert(data.length === sizeOf(shape), `a constant [${shape}] of ${data.length} values`);
    const key = data.length <= 8 ? `${type}[${shape}]${Array.from(data)}` : undefined;
    const known = key && this.#known.get(key)?.[0];
    if (known) return this.#initialisers.get(known)!;
    const value = { name: `c${this.#names++}`, shape, type, data };
    this.#initialisers.set(value.name, value);
    if (key) this.#known.set(key, [value.name]);
    return value;
  }

  /** A vector of 64-bit integers, as shapes and axes are given to ONNX operators. */
  int64(...data: number[]): GraphValue {
    return this.constant(data, [data.length], "int64");
  }

  /** One value everywhere, spread by the runtime. */
  filled(value: number, shape: readonly number[], type: ElementType): GraphValue {
    return this.emit("Expand", [this.constant([value], [], type), this.int64(...shape)], shape, type);
  }

  /** The same values in another shape; a chain of reshapes is one, and one that changes nothing is none. */
  reshape(x: GraphValue, shape: readonly number[]): GraphValue {
    const source = this.#reshaped.get(x.name) ?? x;
    if (source.shape.length === shape.length && source.shape.every((d, i) => d === shape[i])) return source;
    const result = this.emit("Reshape", [source, this.int64(...shape)], shape, x.type);
    this.#reshaped.set(result.name, source);
    return result;
  }

  /** Values of an initialiser, undefined for anything computed. */
  constantData(name: string): Numbers | undefined {
    return this.#initialisers.get(name)?.data;
  }

  /** Whether a value depends on an input; the others ONNX Runtime works out once. */
  isDynamic({ name }: GraphValue): boolean {
    return this.#dynamic.has(name);
  }

  /** Adds a node, or finds the equal one; the results have the given shapes and types. */
  emitMany(
    op: string,
    inputs: readonly (GraphValue | undefined)[],
    results: readonly { shape: readonly number[]; type: ElementType }[],
    attributes: Attributes = {},
  ): GraphValue[] {
    const names = inputs.map((input) => input?.name ?? "");
    while (names.at(-1) === "") names.pop();
    const { origin, reducible } = currentScope();
    const key = `${op}(${names})${JSON.stringify(attributes)}${results.length}${reducible ? "r" : ""}`;
    let outputs = this.#known.get(key);
    if (!outputs) {
      outputs = results.map(() => `t${this.#names++}`);
      const types = results.map(({ type }) => type);
      this.#nodes.push({ op, inputs: names, outputs, types, attributes, origin, reducible });
      this.#known.set(key, outputs);
      if (names.some((name) => this.#dynamic.has(name)))
        for (const output of outputs) this.#dynamic.add(output);
    }
    return results.map((result, i) => ({ name: outputs[i]!, ...result }));
  }

  emit(
    op: string,
    inputs: readonly (GraphValue | undefined)[],
    shape: readonly number[],
    type: ElementType = "float32",
    attributes: Attributes = {},
  ): GraphValue {
    return this.emitMany(op, inputs, [{ shape, type }], attributes)[0]!;
  }

  /** Nodes that the outputs need, in order. */
  #needed(outputs: readonly string[]): { nodes: Node[]; values: Set<string> } {
    const values = new Set(outputs);
    const nodes: Node[] = [];
    for (let i = this.#nodes.length - 1; i >= 0; i--) {
      const node = this.#nodes[i]!;
      if (!node.outputs.some((output) => values.has(output))) continue;
      nodes.push(node);
      for (const input of node.inputs) values.add(input);
    }
    return { nodes: nodes.reverse(), values };
  }

  /** The model file. Inputs and outputs carry the program's own names, and are float32 whatever the precision. */
  finish(
    name: string,
    outputs: Readonly<Record<string, GraphValue>>,
    { precision = "float32", emulated = false, metadata = {} }: FileOptions = {},
  ): { model: Uint8Array; nodes: number } {
    const { nodes, values } = this.#needed(Object.values(outputs).map((value) => value.name));
    const rename = (value: string) => (value.startsWith("in:") ? value.slice(3) : value);
    const proto = nodes.map((node) => ({
      ...qualified(node.op),
      input: node.inputs.map(rename),
      output: node.outputs,
      name: `${node.origin}/${node.outputs[0]}`,
      attribute: Object.entries(node.attributes).map(attributeProto),
    }));
    for (const [output, value] of Object.entries(outputs))
      proto.push({
        ...qualified("Identity"),
        input: [rename(value.name)],
        output: [outputName(output)],
        name: outputName(output),
        attribute: [],
      });
    const marked = nodes.some(({ reducible }) => reducible);
    const initialisers = [...this.#initialisers.values()].filter((c) => values.has(c.name)).map(tensorProto);
    const graph =
      precision === "float32"
        ? { nodes: proto, initialisers }
        : inHalfPrecision(
            {
              nodes: proto.map((node, i) => ({ ...node, ...reductionOf(nodes[i], marked) })),
              initialisers,
              inputs: this.#inputs.filter(({ type }) => type === "float32").map(({ name }) => rename(name)),
            },
            emulated,
          );
    const model = encodeModel({
      irVersion: IR_VERSION,
      opsetImport: [
        { domain: "", version: OPSET },
        ...[...new Set(proto.map(({ domain }) => domain))]
          .filter((domain) => domain !== "")
          .map((domain) => ({ domain, version: 1 })),
      ],
      producerName: "gan-vs-diffusion-bench",
      metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
      graph: {
        name,
        node: graph.nodes,
        initializer: graph.initialisers,
        // an input that nothing uses still belongs to the signature
        input: this.#inputs.map((value) => valueInfo(rename(value.name), value)),
        output: Object.entries(outputs).map(([output, value]) => valueInfo(outputName(output), value)),
      },
    });
    return { model, nodes: graph.nodes.length };
  }
}

/** Whether a node is reduced, and its outputs that are numbers; one that names an output of the program is not. */
function reductionOf(node: Node | undefined, marked: boolean) {
  const floats = node?.outputs.filter((_, i) => node.types[i] === "float32") ?? [];
  return { reducible: node !== undefined && (node.reducible || !marked), floats };
}

/** State goes in and out under one name; ONNX wants every name once. */
export function outputName(name: string): string {
  return `out:${name}`;
}

/** `Conv` of ONNX itself, `com.microsoft:QuickGelu` of another domain. */
function qualified(op: string): { domain: string; opType: string } {
  const at = op.indexOf(":");
  return { domain: op.slice(0, Math.max(0, at)), opType: op.slice(at + 1) };
}

function attributeProto([name, value]: [string, Attribute]) {
  if (typeof value === "number") return { name, i: value, type: attributeTypes.int };
  if (typeof value === "string") return { name, s: Buffer.from(value), type: attributeTypes.string };
  if ("float" in value) return { name, f: value.float, type: attributeTypes.float };
  return { name, ints: [...value], type: attributeTypes.ints };
}

function valueInfo(name: string, { shape, type }: GraphValue) {
  const dims = { dim: shape.map((dimValue) => ({ dimValue })) };
  return { name, type: { tensorType: { elemType: dataTypes[type], shape: dims } } };
}

function tensorProto({ name, shape, type, data }: Initialiser) {
  return { name, dims: [...shape], dataType: dataTypes[type], rawData: rawBytes(data, type) };
}

function rawBytes(data: Numbers, type: ElementType): Uint8Array {
  const typed = {
    float32: () => (data instanceof Float32Array ? data : Float32Array.from(data)),
    int32: () => (data instanceof Int32Array ? data : Int32Array.from(data)),
    int64: () => BigInt64Array.from(Array.from(data, BigInt)),
    bool: () => Uint8Array.from(data),
  }[type]();
  return new Uint8Array(typed.buffer, typed.byteOffset, typed.byteLength);
}
