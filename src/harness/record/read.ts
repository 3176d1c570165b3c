/** Reads a run folder's records: `run.json` and `cells.jsonl`, validated field by field. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type * as z from "zod";
import { BenchError, messageOf } from "../../core/errors.ts";
import { type Cell, cellSchema } from "./cell.ts";
import { type Run, runSchema, SCHEMA_VERSION } from "./run.ts";
import { upgradedCell, upgradedRun } from "./version2.ts";

export interface RunRecords {
  readonly run: Run;
  /** The finished cells, in plan order. */
  readonly cells: Cell[];
  /** What could not be read and was left out, in words. */
  readonly notices: string[];
}

/**
 * The records of the run folder `dir`. A later line for the same cell wins; a torn last line (a run killed while it
 * wrote) is left out with a notice.
 * @throws BAD_RUN_FOLDER, naming file, line and field, for a missing or corrupt file, another schema version, and a cell
 * that the run does not plan
 */
export async function readRun(dir: string): Promise<RunRecords> {
  const run = parseRun(await readText(dir, "run.json"));
  const notices: string[] = [];
  const byId = new Map<string, Cell>();
  const text = await readText(dir, "cells.jsonl", run.state === "complete" ? undefined : "");
  const lines = text.split("\n");
  const unfinished = lines.pop()!;
  if (isJson(unfinished)) lines.push(unfinished);
  else if (unfinished !== "")
    notices.push(
      `cells.jsonl line ${lines.length + 1} was cut off while it was written; its cell is left out.`,
    );
  for (const [index, line] of lines.entries()) {
    const cell = parseCell(line, index + 1, run);
    byId.set(cell.id, cell);
  }
  return { run, cells: run.plan.flatMap(({ id }) => byId.get(id) ?? []), notices };
}

async function readText(dir: string, name: string, whenAbsent?: string): Promise<string> {
  try {
    return await readFile(join(dir, name), "utf8");
  } catch (cause) {
    const absent = (cause as NodeJS.ErrnoException).code === "ENOENT";
    if (absent && whenAbsent !== undefined) return whenAbsent;
    const fact = absent ? `has no ${name}` : `has a ${name} that cannot be read (${messageOf(cause)})`;
    throw new BenchError(
      "BAD_RUN_FOLDER",
      `${dir} ${fact}. Give the folder that \`bench run --out\` wrote: it holds run.json and cells.jsonl.`,
      { cause },
    );
  }
}

function parseRun(text: string): Run {
  const value = parseJson(text, "run.json");
  const version =
    typeof value === "object" && value !== null ? Reflect.get(value, "schemaVersion") : undefined;
  if (version === 2) return validate(runSchema, upgradedRun(value, SCHEMA_VERSION), "run.json");
  if (typeof version === "number" && version !== SCHEMA_VERSION)
    throw new BenchError(
      "BAD_RUN_FOLDER",
      `run.json: schemaVersion is ${version}, this harness reads 2 and ${SCHEMA_VERSION}. ` +
        "Read the folder with the harness version that wrote it, or run again.",
    );
  return validate(runSchema, value, "run.json");
}

function parseCell(text: string, line: number, run: Run): Cell {
  const place = `cells.jsonl line ${line}`;
  const cell = validate(cellSchema, upgradedCell(parseJson(text, place)), place);
  if (!run.plan.some(({ id }) => id === cell.id))
    throw new BenchError(
      "BAD_RUN_FOLDER",
      `${place}: id is "${cell.id}", a cell that run.json does not plan. ` +
        "The two files belong to different runs: restore the pair that was written together.",
    );
  return cell;
}

function parseJson(text: string, place: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new BenchError("BAD_RUN_FOLDER", `${place} is not JSON: ${messageOf(cause)}. ${advice}`, { cause });
  }
  if (levelsOf(value) > MOST_LEVELS)
    throw new BenchError("BAD_RUN_FOLDER", `${place} nests more than ${MOST_LEVELS} levels deep. ${advice}`);
  return value;
}

/** Most levels of a record, which has some ten: what hashes and compares records follows them all. */
const MOST_LEVELS = 100;

function levelsOf(value: unknown): number {
  let level: unknown[] = [value];
  for (let depth = 0; ; depth++) {
    level = level.filter((one) => typeof one === "object" && one !== null);
    if (level.length === 0 || depth > MOST_LEVELS) return depth;
    level = level.flatMap((one) => Object.values(one as object));
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function validate<T extends z.ZodType>(schema: T, value: unknown, place: string): z.infer<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues;
  const first = issues[0]!;
  const field = first.path.length > 0 ? `${first.path.map(String).join(".")}: ` : "";
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : "";
  throw new BenchError("BAD_RUN_FOLDER", `${place}: ${field}${first.message}${more}. ${advice}`);
}

const advice = "The file was changed or damaged after it was written: restore it, or run again.";
