/**
 * A model in float16: weights and activations take half the memory and, on processors that compute in it, less time.
 * Inputs and outputs stay float32. Values beyond 65,504 overflow, and 11 bits of mantissa are kept: what that costs is to
 * be measured on the model at hand. A provider without a float16 kernel for a node computes it in float32 and rounds.
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

interface Border {
  readonly name: string;
  readonly type: string;
}

const cast = (input: string, output: string, to: number): NodeProto => ({
  domain: "",
  opType: "Cast",
  input: [input],
  output: [output],
  name: `precision/${output}`,
  attribute: [{ name: "to", i: to, type: 2 } as { name: string; i: number }],
});

const isCast = (node: NodeProto) => node.opType === "Cast" && node.domain === "";
const target = (node: NodeProto) => node.attribute.find(({ name }) => name === "to")?.i;

/**
 * Nodes and initialisers of a float32 graph as those of a float16 one. Whole numbers that come in as float32 (steps,
 * labels) are cast from the input as it is, so they stay exact; Resize takes its scales in float32 alone.
 */
export function inHalfPrecision(
  nodes: readonly NodeProto[],
  initialisers: readonly TensorProto[],
  inputs: readonly Border[],
  outputs: readonly Border[],
): { nodes: NodeProto[]; initialisers: TensorProto[] } {
  const floats = new Set(inputs.filter(({ type }) => type === "float32").map(({ name }) => name));
  const results = new Set(outputs.filter(({ type }) => type === "float32").map(({ name }) => name));
  const single = new Set(nodes.flatMap((node) => (node.opType === "Resize" ? [node.input[2]!] : [])));
  const half = (name: string) => (floats.has(name) ? `half:${name}` : name);
  const converted = nodes.map((node) => {
    if (isCast(node) && target(node) !== dataTypes.float32) return node;
    const input = node.input.map(half);
    if (isCast(node)) return cast(input[0]!, node.output[0]!, dataTypes.float16);
    const [output] = node.output;
    return results.has(output!) ? cast(input[0]!, output!, dataTypes.float32) : { ...node, input };
  });
  return {
    nodes: [...[...floats].map((name) => cast(name, `half:${name}`, dataTypes.float16)), ...converted],
    initialisers: initialisers.map((tensor) => {
      if (tensor.dataType !== dataTypes.float32 || single.has(tensor.name)) return tensor;
      const { rawData } = tensor;
      const values = new Float32Array(rawData.slice().buffer);
      const bits = Uint16Array.from(values, halfBits);
      return { ...tensor, dataType: dataTypes.float16, rawData: new Uint8Array(bits.buffer) };
    }),
  };
}
