import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { decodeSafetensors, encodeSafetensors } from "../../src/harness/checkpoints/safetensors.ts";
import { openTrained } from "../../src/harness/stages/train/checkpoint.ts";
import { mutants, type Row, row } from "./table.ts";

/** A file of this header and so many bytes of values. */
export function file(header: string, values = 8): Uint8Array {
  const json = Buffer.from(header);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, Buffer.alloc(values)]);
}

const decode = (bytes: Uint8Array) => () => decodeSafetensors(bytes, "x.safetensors");
const refused = (name: string, bytes: Uint8Array, says: RegExp): Row =>
  row(name, decode(bytes), "BAD_CHECKPOINT", says);
const tensor = (entry: string, name = "w") => file(`{${JSON.stringify(name)}:${entry}}`);

const ODD = [
  "__proto__",
  "constructor",
  "toString",
  "valueOf",
  "hasOwnProperty",
  "isPrototypeOf",
  "__defineGetter__",
];
const whole = '"shape":[2],"data_offsets":[0,8]';

const headers: Row[] = [
  ...ODD.map((dtype) =>
    refused(`a type called ${dtype}`, tensor(`{"dtype":"${dtype}",${whole}}`), /has type/),
  ),
  ...["F16", "BF16", "F64", "U8", "BOOL", "f32", ""].map((dtype) =>
    refused(`values of type ${dtype || "nothing"}`, tensor(`{"dtype":"${dtype}",${whole}}`), /has type/),
  ),
  ...["null", "3", '["F32"]', "{}", "true"].map((dtype) =>
    refused(`a type that is ${dtype}`, tensor(`{"dtype":${dtype},${whole}}`), /has no type/),
  ),
  ...["null", "5", '"x"', "[]", "{}"].map((entry) =>
    refused(`a tensor that is ${entry}`, tensor(entry), /has no type/),
  ),
  ...[
    "[-2]",
    "[2.5]",
    "[1e999]",
    '["2"]',
    "2",
    "null",
    `[${Array(40).fill(1).join()},2]`,
    "[9007199254740993]",
  ].map((shape) =>
    refused(
      `a shape ${shape.slice(0, 30)}`,
      tensor(`{"dtype":"F32","shape":${shape},"data_offsets":[0,8]}`),
      /no valid shape|does not fit/,
    ),
  ),
  ...[
    "[0]",
    "[0,8,16]",
    "[8,0]",
    "[-8,0]",
    "[0,1e300]",
    "[0,4]",
    "null",
    "[0,9007199254740991]",
    "[0.5,8.5]",
  ].map((place) =>
    refused(
      `a place ${place}`,
      tensor(`{"dtype":"F32","shape":[2],"data_offsets":${place}}`),
      /no valid shape|does not fit/,
    ),
  ),
  refused(
    "a product of sizes beyond whole numbers",
    tensor('{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}'),
    /does not fit/,
  ),
  refused(
    "two tensors in one place",
    file(`{"a":{"dtype":"F32",${whole}},"b":{"dtype":"F32",${whole}}}`),
    /b begins at 0, where 8/,
  ),
  refused(
    "41 tensors in one place",
    file(
      `{${Array.from({ length: 41 }, (_, i) => `"t${i}":{"dtype":"F32","shape":[250000],"data_offsets":[0,1000000]}`).join()}}`,
      1e6,
    ),
    /begins at 0/,
  ),
  refused(
    "tensors that overlap by half",
    file(
      '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}',
      12,
    ),
    /begins at 4/,
  ),
  refused(
    "a gap between tensors",
    file('{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}'),
    /begins at 4, where 0/,
  ),
  refused(
    "bytes that no tensor has",
    file('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'),
    /4 bytes at its end/,
  ),
  refused("no tensor, and bytes", file("{}"), /8 bytes at its end/),
  refused(
    "an escape sequence in a name",
    tensor('{"dtype":"F9"}', "\u001b[2J\u0007w"),
    /tensor \ufffd\[2J\ufffdw/,
  ),
  refused("a name of 9 MB", tensor('{"dtype":"F9"}', "x".repeat(9e6)), /characters …/),
  refused("no bytes", new Uint8Array(), /too short/),
  refused("seven bytes", new Uint8Array(7), /too short/),
  refused("a header of 2^63 bytes", Buffer.from("ffffffffffffff7f0000", "hex"), /would be/),
  refused("a header of 100 MB in ten bytes", Buffer.from("00e1f505000000007b7d", "hex"), /would be/),
  ...["", "{", "[1]", "null", '"x"', "\u0000", "{'a':1}", `${"[".repeat(1e5)}`, "{}x"].map((text) =>
    refused(`a header ${JSON.stringify(text.slice(0, 12))}`, file(text), /not JSON|not an object/),
  ),
  ...["3", "null", "[]", '"x"', '{"a":3}', '{"a":null}', '{"a":{}}'].map((metadata) =>
    refused(`metadata ${metadata}`, file(`{"__metadata__":${metadata}}`, 0), /metadata are not texts/),
  ),
];

const good = encodeSafetensors({
  tensors: {
    weights: { shape: [2, 3], data: Float32Array.of(1, -2, 3.5, 0, 1e-20, 7) },
    steps: { shape: [], data: Int32Array.of(-4) },
  },
  metadata: { model: "ddpm" },
});

/** Any file that is read at all is consistent: as many values as each shape says, and none read twice. */
const fuzzed: Row[] = mutants(good, 60, 1).map(({ name, bytes }) => ({
  ...refused(`fuzz: ${name}`, bytes, /damaged/),
  isSame: (read) =>
    Object.values((read as ReturnType<typeof decodeSafetensors>).tensors).reduce(
      (sum, { shape, data }) => sum + (data.length === shape.reduce((a, b) => a * b, 1) ? data.length : 1e9),
      0,
    ) === 7,
}));

const model = {
  type: "dcgan",
  images: 64,
  batch: 8,
  options: { generatorWidth: 4, discriminatorWidth: 4, latent: 4 },
};
const suite = { name: "x", dataset: { size: 8, channels: 1 }, models: { m: model }, stages: {} };

/** A checkpoint as `bench sample` and `bench export` open it. */
const opened = (name: string, metadata: Record<string, string>, says: RegExp, values = 0): Row =>
  row(
    `a checkpoint with ${name}`,
    (folder) => {
      const path = join(folder, "model.safetensors");
      const tensors = { w: { shape: [1], data: Float32Array.of(values) } };
      writeFileSync(path, encodeSafetensors({ tensors, metadata }));
      return openTrained(path, "model.safetensors");
    },
    "BAD_CHECKPOINT",
    says,
  );

const told = (change: object = {}) => ({
  model: "m",
  seed: "0",
  labels: '["a","b"]',
  suite: JSON.stringify(suite),
  ...change,
});
const withModel = (change: object, others: object = {}) =>
  told({ suite: JSON.stringify({ ...suite, models: { m: { ...model, ...change }, ...others } }) });
const NOT_SAID = /does not say which model/;

const checkpoints: Row[] = [
  opened("no metadata", {}, NOT_SAID),
  ...[...ODD, "", "other"].map((name) => opened(`a model called ${name}`, told({ model: name }), NOT_SAID)),
  ...[...ODD, "", "gan"].map((type) => opened(`a type called ${type}`, withModel({ type }), NOT_SAID)),
  ...[...ODD, "other"].map((teacher) =>
    opened(`a teacher called ${teacher}`, withModel({ type: "progressive", options: {}, teacher }), NOT_SAID),
  ),
  opened(
    "a teacher that is itself",
    withModel({ type: "progressive", options: {}, teacher: "m" }),
    /cannot be|does not say/,
  ),
  ...["x", "", "1.5", "1e3", "99999999999999999999", "0x10"].map((seed) =>
    opened(`seed ${seed}`, told({ seed }), NOT_SAID),
  ),
  ...["{", "[]", "null", "3", `${'{"a":'.repeat(3000)}1${"}".repeat(3000)}`].map((text) =>
    opened(`a suite ${text.slice(0, 10)}`, told({ suite: text }), NOT_SAID),
  ),
  ...["{", "{}", "null", "[1]", '"a"', JSON.stringify(Array(10_001).fill("a"))].map((labels) =>
    opened(`labels ${labels.slice(0, 10)}`, told({ labels }), NOT_SAID),
  ),
  opened("a width of a billion", withModel({ options: { generatorWidth: 1e9 } }), /cannot be/),
  opened("an unknown option", withModel({ options: { depht: 3 } }), /cannot be.*depht/),
  opened(
    "networks of 2^40 parameters",
    withModel({ type: "ddpm", options: { base: 4096, multipliers: [64, 64], blocks: 64 } }),
    /cannot be.*parameters/,
  ),
  opened("weights of another model", told(), /the model needs/),
];

export const rows: readonly Row[] = [...headers, ...fuzzed, ...checkpoints];
