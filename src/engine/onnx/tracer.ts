/** The TF.js backend whose kernels append ONNX nodes instead of computing. */
import * as tf from "@tensorflow/tfjs-core";
import { assert } from "../../core/errors.ts";
import { type Attributes, type ElementType, Graph, type GraphValue } from "./graph.ts";

export const TRACE_BACKEND = "onnx-trace";

const elementTypes: Partial<Record<tf.DataType, ElementType>> = {
  float32: "float32",
  int32: "int32",
  bool: "bool",
};

export function elementType(dtype: tf.DataType): ElementType {
  const type = elementTypes[dtype];
  assert(type, `a traced program holds float32, int32 and bool tensors, not ${dtype}`);
  return type;
}

const tfType: Record<ElementType, tf.DataType> = {
  float32: "float32",
  int32: "int32",
  int64: "int32",
  bool: "bool",
};

export class TraceBackend extends tf.KernelBackend {
  graph = new Graph();
  /** Channels of a block of ONNX Runtime's blocked layout on this machine's processor; 1 writes portable graphs. */
  block = 1;
  #values = new WeakMap<object, GraphValue>();
  #live = 0;

  /** A fresh graph; tensors of the last one are no longer valid. */
  reset(block = 1): void {
    this.graph = new Graph();
    this.block = block;
    this.#values = new WeakMap();
    this.#live = 0;
  }

  /** What a tensor stands for in the graph. */
  value(tensor: tf.TensorInfo): GraphValue {
    const value = this.#values.get(tensor.dataId);
    assert(value, "a tensor made outside a program was used inside it; hand it in as an input");
    return value;
  }

  /** The TF.js side of a graph value. */
  wrap(value: GraphValue): tf.TensorInfo {
    const dataId = {};
    this.#values.set(dataId, value);
    this.#live++;
    return { dataId, shape: [...value.shape], dtype: tfType[value.type] };
  }

  wrapTensor(value: GraphValue): tf.Tensor {
    return tf.engine().makeTensorFromTensorInfo(this.wrap(value));
  }

  emit(
    op: string,
    inputs: readonly (tf.TensorInfo | GraphValue | undefined)[],
    shape: readonly number[],
    type?: ElementType,
    attributes?: Attributes,
  ): tf.TensorInfo {
    const values = inputs.map((input) => (input && "dataId" in input ? this.value(input) : input));
    return this.wrap(this.graph.emit(op, values, shape, type, attributes));
  }

  override write(values: tf.BackendValues, shape: number[], dtype: tf.DataType): tf.DataId {
    const data = values as ArrayLike<number>;
    const type = elementType(dtype);
    const first = data[0]!;
    // TF.js makes zeros and ones as arrays
    const uniform = data.length > 16 && Array.prototype.every.call(data, (x: number) => x === first);
    const { graph } = this;
    const value = uniform ? graph.filled(first, shape, type) : graph.constant(data, shape, type);
    return this.wrap(value).dataId;
  }

  override move(dataId: tf.DataId, values: tf.BackendValues, shape: number[], dtype: tf.DataType): void {
    this.#values.set(dataId, this.graph.constant(values as ArrayLike<number>, shape, elementType(dtype)));
    this.#live++;
  }

  override readSync(dataId: object): tf.BackendValues {
    const value = this.#values.get(dataId);
    const data = value && this.graph.constantData(value.name);
    assert(data, "a program must not read tensors: its values exist only when it runs");
    return Float32Array.from(data);
  }

  override read(dataId: object): Promise<tf.BackendValues> {
    return Promise.resolve(this.readSync(dataId));
  }

  override numDataIds(): number {
    return this.#live;
  }

  override disposeData(): boolean {
    this.#live--;
    return true;
  }

  override refCount(): number {
    return 1;
  }
  override incRef(): void {}
  decRef(): void {}
  override dispose(): void {}
  override floatPrecision(): 16 | 32 {
    return 32;
  }
  override epsilon(): number {
    return 1e-7;
  }
  override timerAvailable(): boolean {
    return false;
  }
}

let backend: TraceBackend | undefined;

export function traceBackend(): TraceBackend {
  if (!backend) {
    backend = new TraceBackend();
    const instance = backend;
    tf.registerBackend(TRACE_BACKEND, () => instance);
  }
  return backend;
}
