import { backend_util, type TensorInfo } from "@tensorflow/tfjs-core";
import type { ElementType } from "../graph.ts";
import { elementType, type TraceBackend } from "../tracer.ts";
import type { Lowering } from "./define.ts";

const broadcast = (a: TensorInfo, b: TensorInfo) =>
  backend_util.assertAndGetBroadcastShape([...a.shape], [...b.shape]);

const binary =
  (op: string, type?: ElementType): Lowering =>
  ({ a, b }, _, backend) =>
    backend.emit(op, [a, b], broadcast(a!, b!), type ?? elementType(a!.dtype));

const unary =
  (op: string, attributes = {}): Lowering =>
  ({ x }, _, backend) =>
    backend.emit(op, [x], x!.shape, elementType(x!.dtype), attributes);

const scalar = (backend: TraceBackend, value: number) => backend.graph.constant([value], [], "float32");

const withScalar =
  (op: string, value: number): Lowering =>
  ({ x }, _, backend) =>
    backend.emit(op, [x, scalar(backend, value)], x!.shape);

const filledLike =
  (value: number): Lowering =>
  ({ x }, _, backend) =>
    backend.wrap(backend.graph.filled(value, x!.shape, elementType(x!.dtype)));

export const elementwise: Readonly<Record<string, Lowering>> = {
  Add: binary("Add"),
  Sub: binary("Sub"),
  Multiply: binary("Mul"),
  RealDiv: binary("Div"),
  Maximum: binary("Max"),
  Minimum: binary("Min"),
  Pow: binary("Pow"),
  Greater: binary("Greater", "bool"),
  GreaterEqual: binary("GreaterOrEqual", "bool"),
  Less: binary("Less", "bool"),
  LessEqual: binary("LessOrEqual", "bool"),
  Equal: binary("Equal", "bool"),
  NotEqual: ({ a, b }, _, backend) => {
    const equal = backend.emit("Equal", [a, b], broadcast(a!, b!), "bool");
    return backend.emit("Not", [equal], equal.shape, "bool");
  },
  LogicalAnd: binary("And", "bool"),
  LogicalOr: binary("Or", "bool"),
  LogicalNot: ({ x }, _, backend) => backend.emit("Not", [x], x!.shape, "bool"),
  Select: ({ condition, t, e }, _, backend) => {
    // TF.js lets a vector choose whole rows of a tensor of higher rank
    const [shape, rank] = [t!.shape, t!.shape.length];
    const aligned = [...condition!.shape, ...Array<number>(rank - condition!.shape.length).fill(1)];
    const chooser = backend.emit("Reshape", [condition, backend.graph.int64(...aligned)], aligned, "bool");
    return backend.emit("Where", [chooser, t, e], shape, elementType(t!.dtype));
  },

  /** By twos: ONNX's Sum has no kernel on WebGPU. */
  AddN: (inputs, _, backend) => {
    const [first, ...rest] = Object.values(inputs) as [TensorInfo, ...TensorInfo[]];
    return rest.reduce((sum, term) => backend.emit("Add", [sum, term], sum.shape), first);
  },
  SquaredDifference: ({ a, b }, _, backend) => {
    const difference = backend.emit("Sub", [a, b], broadcast(a!, b!));
    return backend.emit("Mul", [difference, difference], difference.shape);
  },

  Neg: unary("Neg"),
  Abs: unary("Abs"),
  Sqrt: unary("Sqrt"),
  Exp: unary("Exp"),
  Log: unary("Log"),
  Sigmoid: unary("Sigmoid"),
  Tanh: unary("Tanh"),
  Relu: unary("Relu"),
  Softplus: unary("Softplus"),
  Sin: unary("Sin"),
  Cos: unary("Cos"),
  Erf: unary("Erf"),
  Floor: unary("Floor"),
  Ceil: unary("Ceil"),
  Round: unary("Round"),
  Sign: unary("Sign"),
  Reciprocal: unary("Reciprocal"),
  Square: ({ x }, _, backend) => backend.emit("Mul", [x, x], x!.shape, elementType(x!.dtype)),
  Rsqrt: ({ x }, _, backend) => backend.emit("Reciprocal", [backend.emit("Sqrt", [x], x!.shape)], x!.shape),
  Log1p: ({ x }, attributes, backend) =>
    backend.emit("Log", [withScalar("Add", 1)({ x: x! }, attributes, backend) as TensorInfo], x!.shape),
  LeakyRelu: ({ x }, { alpha }, backend) =>
    backend.emit("LeakyRelu", [x], x!.shape, "float32", { alpha: { float: alpha } }),
  Step: ({ x }, { alpha }, backend) => {
    const positive = backend.graph.emit("Greater", [backend.value(x!), scalar(backend, 0)], x!.shape, "bool");
    return backend.emit("Where", [positive, scalar(backend, 1), scalar(backend, alpha)], x!.shape);
  },
  ClipByValue: ({ x }, { clipValueMin, clipValueMax }, backend) =>
    backend.emit("Clip", [x, scalar(backend, clipValueMin), scalar(backend, clipValueMax)], x!.shape),

  Identity: ({ x }) => ({ dataId: x!.dataId, shape: x!.shape, dtype: x!.dtype }),
  Cast: ({ x }, { dtype }, backend) => {
    const to = elementType(dtype);
    if (to === elementType(x!.dtype)) return { dataId: x!.dataId, shape: x!.shape, dtype: x!.dtype };
    return backend.emit("Cast", [x], x!.shape, to, { to: { float32: 1, int32: 6, int64: 7, bool: 9 }[to] });
  },
  ZerosLike: filledLike(0),
  OnesLike: filledLike(1),
  Fill: (_, { shape, value, dtype }, backend) =>
    backend.wrap(backend.graph.filled(value, shape, elementType(dtype ?? "float32"))),
};
