/** Networks that a stranger made: their files, and what they do. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { anatomyOf } from "../../src/engine/onnx/anatomy.ts";
import { openForeignModel } from "../../src/engine/onnx/foreign.ts";
import { openFeatures } from "../../src/harness/features/index.ts";
import { handmadeModel } from "../harness/features/models.ts";
import { mutants, type Row, row } from "./table.ts";

type Value = number | bigint | string | Uint8Array;

function varint(value: number | bigint): Buffer {
  const bytes: number[] = [];
  let left = BigInt.asUintN(64, BigInt(value));
  do {
    bytes.push(Number(left & 127n) | (left > 127n ? 128 : 0));
    left >>= 7n;
  } while (left > 0n);
  return Buffer.from(bytes);
}

/** A protobuf message of these fields. */
function message(...fields: (readonly [field: number, value: Value])[]): Buffer {
  return Buffer.concat(
    fields.map(([field, value]) => {
      if (typeof value === "number" || typeof value === "bigint")
        return Buffer.concat([varint(field << 3), varint(value)]);
      const bytes = Buffer.from(value as string);
      return Buffer.concat([varint((field << 3) | 2), varint(bytes.length), bytes]);
    }),
  );
}

const [FLOAT, INT64, BOOL] = [1, 7, 9];
const shape = (dims: readonly (number | bigint | string)[]) =>
  message(...dims.map((d) => [1, message(typeof d === "string" ? [2, d] : [1, d])] as const));
const port = (name: string, type: number, dims?: readonly (number | bigint | string)[]) =>
  message([1, name], [2, message([1, message([1, type], ...(dims ? [[2, shape(dims)] as const] : []))])]);
const node = (
  operation: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: readonly Buffer[] = [],
  domain = "",
) =>
  message(
    ...inputs.map((name) => [1, name] as const),
    ...outputs.map((name) => [2, name] as const),
    [4, operation],
    ...attributes.map((attribute) => [5, attribute] as const),
    [7, domain],
  );
const tensor = (name: string, type: number, dims: readonly number[], data: ArrayBuffer) =>
  message(...dims.map((d) => [1, d] as const), [2, type], [8, name], [9, new Uint8Array(data)]);
const integers = (name: string, ...values: bigint[]) =>
  tensor(name, INT64, [values.length], BigInt64Array.from(values).buffer);
const elsewhere = message(
  [1, 1],
  [2, FLOAT],
  [8, "w"],
  [13, message([1, "location"], [2, "w.bin"])],
  [14, 1],
);
const sparse = message([1, elsewhere], [2, integers("i", 0n)], [3, 4]);
const attribute = (name: string, type: number, field: number, value: Value) =>
  message([1, name], [20, type], [field, value]);
const graph = (nodes: readonly Buffer[], others: readonly (readonly [number, Value])[] = []) =>
  message(...nodes.map((one) => [1, one] as const), [2, "g"], ...others);
const model = (of: Buffer, ...more: (readonly [number, Value])[]) =>
  message([1, 9], [8, message([1, ""], [2, 17])], [7, of], ...more);

const IMAGE = port("images", FLOAT, ["n", 3, 8, 8]);
const OUT: readonly (readonly [number, Value])[] = [
  [11, IMAGE],
  [12, port("out", FLOAT)],
];
const subgraph = graph([], [[5, elsewhere]]);
const nested = (levels: number): Buffer =>
  levels === 0
    ? subgraph
    : graph([node("If", ["c"], ["o"], [attribute("then_branch", 5, 6, nested(levels - 1))])]);

const written = (folder: string, bytes: Uint8Array) => {
  const path = join(folder, "x.onnx");
  writeFileSync(path, bytes);
  return path;
};
const file = (name: string, bytes: Uint8Array, says: RegExp): Row =>
  row(`onnx: ${name}`, (folder) => openForeignModel(written(folder, bytes)), "BAD_DATA", says);
const outside = (name: string, bytes: Uint8Array): Row =>
  file(`weights elsewhere in ${name}`, bytes, /x\.onnx keeps weights \(w\) in another file/);

const files: Row[] = [
  file("no bytes", new Uint8Array(), /no graph/),
  file("no graph", message([1, 9]), /no graph/),
  file("a picture", Buffer.from("GIF89a, not a model at all"), /not an ONNX model/),
  file("JSON", Buffer.from('{"graph": {}}'), /not an ONNX model/),
  file("a field longer than the file", Buffer.concat([varint(58), varint(1e9)]), /not an ONNX model/),
  file(
    "a field of 2^64 bytes",
    Buffer.concat([varint(58), Buffer.alloc(9, 0xff), Buffer.of(1)]),
    /not an ONNX model/,
  ),
  file("a number without an end", Buffer.alloc(20, 0xff), /not an ONNX model/),
  file("groups within groups", Buffer.alloc(1e5, 0x0b), /not an ONNX model/),
  file("200 graphs within each other", model(nested(200)), /nests more than/),
  outside("an initializer", model(graph([], [[5, elsewhere]]))),
  outside("a constant", model(graph([node("Constant", [], ["w"], [attribute("value", 4, 5, elsewhere)])]))),
  outside(
    "a list of constants",
    model(graph([node("X", [], ["w"], [attribute("values", 9, 10, elsewhere)])])),
  ),
  outside("a branch", model(nested(1))),
  outside("a branch of a branch of a branch", model(nested(3))),
  outside("a list of graphs", model(graph([node("X", [], [], [attribute("gs", 10, 11, subgraph)])]))),
  outside("a sparse initializer", model(graph([], [[15, sparse]]))),
  outside(
    "a sparse constant",
    model(graph([node("Constant", [], ["w"], [attribute("sparse_value", 11, 22, sparse)])])),
  ),
  outside("a list of sparse constants", model(graph([node("X", [], [], [attribute("s", 12, 23, sparse)])]))),
  outside(
    "a function",
    model(graph([]), [
      25,
      message([1, "f"], [7, node("Constant", [], ["w"], [attribute("value", 4, 5, elsewhere)])]),
    ]),
  ),
  outside(
    "a function's default",
    model(graph([]), [25, message([1, "f"], [11, attribute("a", 4, 5, elsewhere)])]),
  ),
  outside("training", model(graph([]), [20, message([1, subgraph])])),
  outside("training's algorithm", model(graph([]), [20, message([2, subgraph])])),
  outside("a second graph", model(graph([]), [7, subgraph])),
  outside(
    "a tensor that says only where",
    model(graph([], [[5, message([8, "w"], [13, message([1, "location"], [2, "w.bin"])])]])),
  ),
  outside("a tensor that says only that", model(graph([], [[5, message([8, "w"], [14, 1])]]))),
];

/** The file's bytes are walked to their end or refused; never anything else. */
const sound = handmadeModel();
const fuzzed: Row[] = mutants(sound, 40, 7).map(({ name, bytes }, i) => ({
  ...row(
    `onnx: fuzz ${i}: ${name}`,
    () => {
      try {
        return anatomyOf(bytes);
      } catch (error) {
        return Promise.reject(Object.assign(error as Error, { refused: true }));
      }
    },
    "BAD_DATA",
    /./,
  ),
  isSame: (read) => typeof (read as { graph: boolean }).graph === "boolean",
}));

const loop = model(
  graph(
    [
      node(
        "Loop",
        ["times", "go", "images"],
        ["last"],
        [
          attribute(
            "body",
            5,
            6,
            graph(
              [node("Identity", ["c"], ["c2"]), node("Sin", ["x"], ["x2"])],
              [
                [11, port("i", INT64, [])],
                [11, port("c", BOOL, [])],
                [11, port("x", FLOAT)],
                [12, port("c2", BOOL, [])],
                [12, port("x2", FLOAT)],
              ],
            ),
          ),
        ],
      ),
      node("GlobalAveragePool", ["last"], ["pooled"]),
      node("Flatten", ["pooled"], ["out"]),
    ],
    [
      [5, tensor("times", INT64, [], BigInt64Array.of(2n ** 62n).buffer)],
      [5, tensor("go", BOOL, [], Uint8Array.of(1).buffer)],
      ...OUT,
    ],
  ),
);
/** Sums as many float32 as `count` says, after they were filled in by the images. */
const wide = (count: bigint) =>
  model(
    graph(
      [
        node("GlobalAveragePool", ["images"], ["pooled"]),
        node("ReduceSum", ["pooled"], ["one"], [attribute("keepdims", 2, 3, 0)]),
        node("Expand", ["one", "size"], ["many"]),
        node("Sin", ["many"], ["sines"]),
        node("Reshape", ["sines", "flat"], ["out"]),
      ],
      [[5, integers("size", count)], [5, integers("flat", 32n, -1n)], ...OUT],
    ),
  );
/** Each function calls the next ten times. */
const functions = model(
  graph([node("f0", ["images"], ["out"], [], "d")], OUT),
  [8, message([1, "d"], [2, 1])],
  ...Array.from({ length: 12 }, (_, i): readonly [number, Value] => [
    25,
    message(
      [1, `f${i}`],
      [4, "x"],
      [5, "y9"],
      ...Array.from(
        { length: 10 },
        (_, k) =>
          [
            7,
            node(
              i === 11 ? "Sin" : `f${i + 1}`,
              [k === 0 ? "x" : `y${k - 1}`],
              [`y${k}`],
              [],
              i === 11 ? "" : "d",
            ),
          ] as const,
      ),
      [9, message([1, ""], [2, 17])],
      [9, message([1, "d"], [2, 1])],
      [10, "d"],
    ),
  ]),
);

/** Networks that run: each in a process of its own, which `entry` starts. */
export const running = (entry: string): Row[] => {
  const images = { data: new Uint8Array(32 * 192), count: 32, height: 8, width: 8, channels: 3 };
  const network = (name: string, bytes: Uint8Array, says: RegExp, timeLimit?: number): Row =>
    row(
      `network: ${name}`,
      async (folder) => {
        const extractor = await openFeatures(`onnx:${written(folder, bytes)}`, {
          cache: false,
          size: 8,
          entry,
          timeLimit,
        });
        try {
          return await extractor.extract(images);
        } finally {
          extractor.dispose();
        }
      },
      "BAD_DATA",
      says,
    );
  return [
    network("a loop of 2^62", loop, /longer than 2 s to run on 32 images and was stopped; it has loops/, 2),
    network(
      "functions that unfold to 10^12 nodes",
      functions,
      /x\.onnx: .*(longer than|more memory|cannot load)/,
      2,
    ),
    network("8 GB of output", wide(2n ** 31n), /more memory than its limit/),
    network("2^62 values", wide(2n ** 62n), /cannot be run|cannot load|more memory/),
    network("features a million wide", wide(32n * 10n ** 6n), /1000000 wide, and at most 8192/),
    network(
      "a batch of 2^40",
      model(
        graph(
          [node("GlobalAveragePool", ["images"], ["out"])],
          [
            [11, port("images", FLOAT, [2n ** 40n, 3, 8, 8])],
            [12, port("out", FLOAT)],
          ],
        ),
      ),
      /takes 1099511627776 images .* at once/,
    ),
    network(
      "a runtime's own mistake",
      model(graph([node("Nonsense", ["images"], ["out"])], OUT)),
      /cannot load/,
    ),
  ];
};

export const rows: readonly Row[] = [...files, ...fuzzed];
