/**
 * The part of ONNX's protobuf schema (onnx.proto3, IR version 9) that a traced program needs, as protobufjs reads it.
 * Field numbers and enum values are the published ones: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3
 */
import protobuf from "protobufjs/light.js";

type Field = [type: string, id: number, rule?: "repeated"];

const messages: Record<string, Record<string, Field>> = {
  ModelProto: {
    irVersion: ["int64", 1],
    opsetImport: ["OperatorSetIdProto", 8, "repeated"],
    producerName: ["string", 2],
    graph: ["GraphProto", 7],
    metadataProps: ["StringStringEntryProto", 14, "repeated"],
  },
  StringStringEntryProto: { key: ["string", 1], value: ["string", 2] },
  OperatorSetIdProto: { domain: ["string", 1], version: ["int64", 2] },
  GraphProto: {
    node: ["NodeProto", 1, "repeated"],
    name: ["string", 2],
    initializer: ["TensorProto", 5, "repeated"],
    input: ["ValueInfoProto", 11, "repeated"],
    output: ["ValueInfoProto", 12, "repeated"],
  },
  NodeProto: {
    input: ["string", 1, "repeated"],
    output: ["string", 2, "repeated"],
    name: ["string", 3],
    opType: ["string", 4],
    attribute: ["AttributeProto", 5, "repeated"],
    domain: ["string", 7],
  },
  AttributeProto: {
    name: ["string", 1],
    f: ["float", 2],
    i: ["int64", 3],
    s: ["bytes", 4],
    ints: ["int64", 8, "repeated"],
    type: ["int32", 20],
  },
  TensorProto: {
    dims: ["int64", 1, "repeated"],
    dataType: ["int32", 2],
    name: ["string", 8],
    rawData: ["bytes", 9],
    dataLocation: ["int32", 14],
  },
  ValueInfoProto: { name: ["string", 1], type: ["TypeProto", 2] },
  TypeProto: { tensorType: ["TypeProtoTensor", 1] },
  TypeProtoTensor: { elemType: ["int32", 1], shape: ["TensorShapeProto", 2] },
  TensorShapeProto: { dim: ["TensorShapeDimension", 1, "repeated"] },
  TensorShapeDimension: { dimValue: ["int64", 1] },
};

const root = protobuf.Root.fromJSON({
  nested: Object.fromEntries(
    Object.entries(messages).map(([name, fields]) => [
      name,
      {
        fields: Object.fromEntries(
          Object.entries(fields).map(([field, [type, id, rule]]) => [field, { type, id, rule }]),
        ),
      },
    ]),
  ),
});

/** AttributeProto.AttributeType. */
export const attributeTypes = { float: 1, int: 2, string: 3, ints: 7 } as const;

/** TensorProto.DataType. */
export const dataTypes = { float32: 1, int32: 6, int64: 7, bool: 9, float16: 10 } as const;

/** TensorProto.DataLocation of values that lie in another file. */
export const EXTERNAL = 1;

const model = root.lookupType("ModelProto");

export function encodeModel(message: Record<string, unknown>): Uint8Array {
  return model.encode(model.fromObject(message)).finish();
}

export function decodeModel(bytes: Uint8Array): Record<string, unknown> {
  return model.toObject(model.decode(bytes), { longs: Number, arrays: true });
}
