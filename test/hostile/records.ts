/** Run folders that a stranger wrote. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readRun } from "../../src/harness/record/index.ts";
import { fixture } from "../harness/report/fixture.ts";
import { type Row, row } from "./table.ts";

const reading = (name: string, run: string, cells: string, says: RegExp): Row =>
  row(
    `record: ${name}`,
    (folder) => {
      const place = join(folder, "run");
      mkdirSync(place);
      writeFileSync(join(place, "run.json"), run);
      writeFileSync(join(place, "cells.jsonl"), cells);
      return readRun(place);
    },
    "BAD_RUN_FOLDER",
    says,
  );

const { run: made, cells } = fixture({ everyStage: true });
const run = JSON.stringify(made);
const lines = cells.map((cell) => JSON.stringify(cell));
const text = `${lines.join("\n")}\n`;
const withRun = (change: object) => JSON.stringify({ ...made, ...change });
const deep = (levels: number) => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;
const trained = lines.find((line) => line.includes('"curves":[{'))!;
const curved = (value: string) => `${trained.replace(/("values":\[)[^,\]]+/, `$1${value}`)}\n`;

export const rows: readonly Row[] = [
  ...["", "{", "null", "[]", "3", '"x"', "{}", "\u0000", "[".repeat(1e5)].map((content) =>
    reading(`run.json ${JSON.stringify(content.slice(0, 10))}`, content, text, /run\.json/),
  ),
  ...[0, 1, 4, 1e300, '"3"', null].map((version) =>
    reading(
      `schema version ${version}`,
      run.replace(/"schemaVersion":\d+/, `"schemaVersion":${version}`),
      text,
      /run\.json/,
    ),
  ),
  ...[200, 3000, 100_000].map((levels) =>
    reading(
      `a configuration of ${levels} levels`,
      run.replace(/"config":\{/, `"config":{"deep":${deep(levels)},`),
      text,
      /nests more than|not JSON/,
    ),
  ),
  ...["-1e290", "1e101", "1e290", "1e308", "1e999", "null", '"1"', "[]"].map((value) =>
    reading(`a curve's value of ${value}`, run, curved(value), /cells\.jsonl line 1/),
  ),
  ...["id", "configHash", "plan", "dataset", "engine", "models", "environment"].map((field) =>
    reading(`no ${field}`, withRun({ [field]: undefined }), text, new RegExp(`run\\.json: ${field}`)),
  ),
  ...["id", "configHash", "plan", "dataset", "engine", "models", "environment"].map((field) =>
    reading(`${field} of 3`, withRun({ [field]: 3 }), text, new RegExp(`run\\.json: ${field}`)),
  ),
  reading(
    "__proto__ among the fields",
    run.replace("{", '{"__proto__":{"a":1},'),
    text,
    /__proto__|Unrecognized/,
  ),
  reading(
    "a cell of another run",
    run,
    lines[0]!.replace(/"id":"[^"]*"/, '"id":"x\\u001b[2J"'),
    /id is "x\ufffd\[2J"/,
  ),
  ...["{}", "[]", "null", "3", "{"].map((line) =>
    reading(`a cell ${line}`, run, `${line}\n${text}`, /cells\.jsonl line 1/),
  ),
  ...["constructor", "__proto__", "toString"].map((kind) =>
    reading(
      `a record of kind ${kind}`,
      run,
      `${lines[0]!.replace(/"kind":"[^"]*"/, `"kind":"${kind}"`)}\n`,
      /cells\.jsonl line 1/,
    ),
  ),
  ...[1e300, '"x"', null].map((seconds) =>
    reading(
      `${seconds} seconds`,
      run,
      `${lines[0]!.replace(/"seconds":[\d.e+-]+/, `"seconds":${seconds}`)}\n`,
      /cells\.jsonl line 1/,
    ),
  ),
];
