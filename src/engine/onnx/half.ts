/**
 * A model in float16: weights and activations take half the memory and, on processors that compute in it, less time.
 * Inputs and outputs stay float32, and so does whatever is not marked `reducible`. Values beyond 65,504 overflow, and 11
 * bits of mantissa are kept: what that costs is to be measured on the model at hand.
 */
import { dataTypes } from "./schema.ts";

/** The bits of the nearest float16 (IEEE 754 binary16), ties to even; beyond its range infinity. */
export function halfBits(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  if (Number.isNaN(value)) return 0x7e00;
  if (magnitude >= 65520) return sign | 0x7c00; // halfway from the largest to the next
  if (magnitude < 2 ** -14) return sign | roundToEven(magnitude * 2 ** 24); // subnormal, or the smallest normal
  const exponent = Math.floor(Math.log2(magnitude));
  const exact =
    magnitude / 2 ** exponent >= 2 ? exponent + 1 : magnitude < 2 ** exponent ? exponent - 1 : exponent;
  return sign | (((exact + 15) << 10) + roundToEven((magnitude / 2 ** exact - 1) * 1024)); // a carry moves up
}

function roundToEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}

interface NodeProto {
  readonly domain: string;
  readonly opType: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly name: string;
  readonly attribute: readonly { readonly name: string; readonly i?: number }[];
}

interface TensorProto {
  readonly name: string;
  readonly dims: readonly number[];
  readonly dataType: number;
  readonly rawData: Uint8Array;
}

/** A graph in float32. */
export interface SingleGraph {
  /** `floats`: outputs that are float32, the others being whole numbers or truth values. */
  readonly nodes: readonly (NodeProto & {
    readonly reducible: boolean;
    readonly floats: readonly string[];
  })[];
  readonly initialisers: readonly TensorProto[];
  /** Names of inputs that are float32. */
  readonly inputs: readonly string[];
}

const cast = (input: string, output: string, to: number): NodeProto => ({
  domain: "",
  opType: "Cast",
  input: [input],
  output: [output],
  name: `precision/${output}`,
  attribute: [{ name: "to", i: to, type: 2 } as { name: string; i: number }],
});

/** Where a Cast leads to; undefined for other operators. */
const castTo = ({ opType, domain, attribute }: NodeProto) =>
  opType === "Cast" && domain === "" ? attribute.find(({ name }) => name === "to")?.i : undefined;

/** Operators that hand values on as they are: nothing is left to round after them. */
const moving = new Set(["Concat", "Expand", "Gather", "Reshape", "Slice", "Split", "Transpose"]);

function halved({ name: _, rawData, ...tensor }: TensorProto, name: string): TensorProto {
  const bits = Uint16Array.from(new Float32Array(rawData.slice().buffer), halfBits);
  return { ...tensor, name, dataType: dataTypes.float16, rawData: new Uint8Array(bits.buffer) };
}

/**
 * The graph with its reducible nodes in float16, and casts between them and the others. Whole numbers that come in as
 * float32 (steps, labels) are cast from the input as it is, so they stay exact; Resize takes its scales in float32 alone.
 *
 * `emulated` is for a provider without float16 kernels: each operator computes in float32 and its result is rounded, by
 * nodes of the graph. Left to itself ONNX Runtime puts casts around such operators and then drops those between two of
 * them, so that what has overflowed comes back (docs/decisions/0016-sampling-in-float16.md).
 */
export function inHalfPrecision({ nodes, initialisers, inputs }: SingleGraph, emulated: boolean) {
  const constants = new Map(
    initialisers
      .filter(({ dataType }) => dataType === dataTypes.float32)
      .map((tensor) => [tensor.name, tensor]),
  );
  const single = new Set([...inputs, ...constants.keys()]);
  const half = new Set<string>();
  const made: NodeProto[] = [];
  const copies: TensorProto[] = [];

  const asHalf = (name: string): string => {
    if (!single.has(name)) return name;
    const copy = `half:${name}`;
    if (half.has(copy)) return copy;
    half.add(copy);
    const constant = constants.get(name);
    if (constant) copies.push(halved(constant, copy));
    else made.push(cast(name, copy, dataTypes.float16));
    return copy;
  };
  const asSingle = (name: string): string => {
    if (!half.has(name)) return name;
    const copy = `single:${name}`;
    if (single.has(copy)) return copy;
    single.add(copy);
    made.push(cast(name, copy, dataTypes.float32));
    return copy;
  };

  for (const { reducible, floats, ...node } of nodes) {
    const [output] = node.output;
    if (!reducible) {
      for (const name of floats) single.add(name);
      if (node.opType === "Identity" && half.has(node.input[0]!))
        made.push(cast(node.input[0]!, output!, dataTypes.float32));
      else made.push({ ...node, input: node.input.map(asSingle) });
      continue;
    }
    const to = castTo(node);
    if (to !== undefined) {
      made.push(to === dataTypes.float32 ? cast(node.input[0]!, output!, dataTypes.float16) : node);
    } else {
      const rounded = emulated && !moving.has(node.opType);
      const input = node.input.map((name, i) => {
        if (node.opType === "Resize" && i === 2) return name;
        return rounded ? asSingle(asHalf(name)) : asHalf(name);
      });
      if (!rounded) made.push({ ...node, input });
      else {
        const wide = (name: string) => (floats.includes(name) ? `wide:${name}` : name);
        made.push({ ...node, input, output: node.output.map(wide) });
        for (const name of floats) made.push(cast(wide(name), name, dataTypes.float16));
      }
    }
    for (const name of floats) half.add(name);
  }
  const read = new Set(made.flatMap(({ input }) => input));
  return { nodes: made, initialisers: [...initialisers.filter(({ name }) => read.has(name)), ...copies] };
}
