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

/** A line of `cells.jsonl` that cannot be read. */
interface DamagedLine {
  /** Counted from 1. */
  readonly number: number;
  readonly text: string;
  readonly error: unknown;
}

/**
 * The records of the run folder `dir`. A later line for the same cell wins; a torn last line (a run killed while it
 * wrote) is left out with a notice; so are damaged lines with `leaveOutDamaged`.
 * @throws BAD_RUN_FOLDER, naming file, line and field, for a missing or corrupt file, another schema version, and a cell
 * that the run does not plan
 */
export async function readRun(dir: string, { leaveOutDamaged = false } = {}): Promise<RunRecords> {
  const run = await readRunFile(dir);
  const text = await readText(dir, CELLS, run.state === "complete" ? undefined : "");
  const { cells, damaged, torn } = parseCells(text, run);
  if (damaged[0] && !leaveOutDamaged) throw damaged[0].error;
  const byId = new Map(cells.map(({ cell }) => [cell.id, cell]));
  return {
    run,
    cells: run.plan.flatMap(({ id }) => byId.get(id) ?? []),
    notices: [
      ...damaged.map(({ error }) => messageOf(error)),
      ...(torn === undefined
        ? []
        : [`${CELLS} line ${torn} was cut off while it was written; its cell is left out.`]),
    ],
  };
}

/**
 * The lines of `cells.jsonl` that can be read, those that cannot, and the number of a last one that was cut off.
 * @throws BAD_RUN_FOLDER for a cell that the run does not plan
 */
export function parseCells(text: string, run: Run) {
  const planned = new Set(run.plan.map(({ id }) => id));
  const cells: { readonly text: string; readonly cell: Cell }[] = [];
  const damaged: DamagedLine[] = [];
  const lines = text.split("\n");
  const unfinished = lines.pop()!;
  const whole = isJson(unfinished);
  if (whole) lines.push(unfinished);
  for (const [index, text] of lines.entries()) {
    const place = `${CELLS} line ${index + 1}`;
    let cell: Cell;
    try {
      cell = validate(cellSchema, upgradedCell(parseJson(text, place, cellAdvice)), place, cellAdvice);
    } catch (error) {
      damaged.push({ number: index + 1, text, error });
      continue;
    }
    if (!planned.has(cell.id))
      throw new BenchError(
        "BAD_RUN_FOLDER",
        `${place}: id is "${cell.id}", a cell that run.json does not plan. ` +
          "The two files belong to different runs: restore the pair that was written together.",
      );
    cells.push({ text, cell });
  }
  return { cells, damaged, torn: whole || unfinished === "" ? undefined : lines.length + 1 };
}

const CELLS = "cells.jsonl";

/** `run.json` of the run folder `dir`. @throws BAD_RUN_FOLDER as `readRun` does */
export const readRunFile = async (dir: string): Promise<Run> => parseRun(await readText(dir, "run.json"));

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

function parseJson(text: string, place: string, advice = runAdvice): unknown {
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

function validate<T extends z.ZodType>(
  schema: T,
  value: unknown,
  place: string,
  advice = runAdvice,
): z.infer<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues;
  const first = issues[0]!;
  const field = first.path.length > 0 ? `${first.path.map(String).join(".")}: ` : "";
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : "";
  throw new BenchError("BAD_RUN_FOLDER", `${place}: ${field}${first.message}${more}. ${advice}`);
}

const runAdvice = "The file was changed or damaged after it was written: restore it, or run again.";
const cellAdvice =
  "The line was changed or damaged after it was written: restore it, or continue with bench run --resume, which sets it " +
  "aside and runs its cell again.";
