/**
 * What a stranger's ONNX file holds, read from its bytes without making anything of them: whether it has a graph, whether
 * values of it lie in other files, and whether it can repeat work. Field numbers: onnx.proto3, IR version 9.
 */
import protobuf from "protobufjs/light.js";
import { EXTERNAL } from "./schema.ts";

type Message = "Model" | "Graph" | "Node" | "Attribute" | "Tensor" | "Sparse" | "Function" | "Training";

/** The fields of a message that hold messages in which a tensor or a node may lie. */
const inside: Readonly<Record<Message, Readonly<Record<number, Message>>>> = {
  Model: { 7: "Graph", 20: "Training", 25: "Function" },
  Graph: { 1: "Node", 5: "Tensor", 15: "Sparse" },
  Node: { 5: "Attribute" },
  Attribute: { 5: "Tensor", 6: "Graph", 10: "Tensor", 11: "Graph", 22: "Sparse", 23: "Sparse" },
  Tensor: {},
  Sparse: { 1: "Tensor", 2: "Tensor" },
  Function: { 7: "Node", 11: "Attribute" },
  Training: { 1: "Graph", 2: "Graph" },
};

const GRAPH = 7;
const OPERATION = 4;
const TENSOR = { name: 8, elsewhere: 13, location: 14 };
const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 };
const MOST_LEVELS = 64;

/** Operations that run a graph again and again; a function may call another many times, which calls another. */
const repeating = new Set(["Loop", "Scan", "SequenceMap"]);

export interface Anatomy {
  readonly graph: boolean;
  /** Name of a tensor whose values are in another file; undefined where there is none. */
  readonly elsewhere?: string;
  /** Whether the time of a pass is not plain from the graph. */
  readonly repeats: boolean;
}

/** @throws Error in words for bytes that are no such message */
export function anatomyOf(bytes: Uint8Array): Anatomy {
  const reader = protobuf.Reader.create(bytes);
  let graph = false;
  let repeats = false;
  let elsewhere: string | undefined;
  const walk = (message: Message, end: number, level: number): void => {
    if (level > MOST_LEVELS) throw new Error(`it nests more than ${MOST_LEVELS} levels deep`);
    let [name, outside] = ["", false];
    while (reader.pos < end) {
      const tag = reader.uint32();
      const [field, wire] = [tag >>> 3, tag & 7];
      const held = inside[message][field];
      if (wire === WIRE.bytes) {
        const length = reader.uint32();
        const next = reader.pos + length;
        if (next > end) throw new Error(`its bytes end within a field, at byte ${reader.pos}`);
        if (message === "Model" && field === GRAPH) graph = true;
        if (message === "Model" && held === "Function") repeats = true;
        if (held) walk(held, next, level + 1);
        else if (message === "Tensor" && field === TENSOR.name)
          name = Buffer.from(bytes.subarray(reader.pos, Math.min(next, reader.pos + 200))).toString("utf8");
        else if (message === "Tensor" && field === TENSOR.elsewhere) outside = true;
        else if (message === "Node" && field === OPERATION)
          repeats ||= repeating.has(Buffer.from(bytes.subarray(reader.pos, next)).toString("latin1"));
        if (held && reader.pos !== next) throw new Error("its messages do not end where they should");
        reader.pos = next;
      } else if (wire === WIRE.varint) {
        const value = reader.uint64();
        if (message === "Tensor" && field === TENSOR.location && Number(value) === EXTERNAL) outside = true;
      } else if (wire === WIRE.fixed64 || wire === WIRE.fixed32) reader.skip(wire === WIRE.fixed64 ? 8 : 4);
      else throw new Error(`its bytes are no fields, from byte ${reader.pos}`);
      if (reader.pos > end) throw new Error(`its bytes end within a field, at byte ${reader.pos}`);
    }
    if (outside) elsewhere ??= name || "one without a name";
  };
  walk("Model", bytes.length, 0);
  return { graph, elsewhere, repeats };
}
