/** `bench list`: the registries as tables. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import type * as z from "zod";
import { metrics } from "../../metrics/index.ts";
import { losses, models, objectives, samplers, schedules } from "../../models/index.ts";
import type { Rooms } from "../run/rooms.ts";
import { suiteJsonSchema, suiteNames, suitesFolder } from "../suite/index.ts";
import { command, type Io } from "./command.ts";
import { datasetRows } from "./data.ts";
import { toggle, wordOf } from "./flags.ts";
import { printJson, printLine, printTable } from "./output.ts";

const rowsOf = <T, C>(registry: Readonly<Record<string, T>>, columns: (entry: T) => C) =>
  Object.entries(registry).map(([name, entry]) => ({ name, ...columns(entry) }));

/** Options that a suite does not write: the harness sets them, or they name the entry itself. */
const hidden = ["name", "size", "channels"];

function optionRows(schema: z.ZodObject) {
  return Object.entries(schema.shape)
    .filter(([name]) => !hidden.includes(name))
    .map(([name, option]) => {
      const type = option as z.ZodType;
      const resolved = type.safeParse(undefined);
      return {
        name,
        /** JSON; empty where there is none. */
        default: resolved.success && resolved.data !== undefined ? JSON.stringify(resolved.data) : "",
        meaning: type.description ?? "",
      };
    });
}

interface Row {
  readonly name: string;
  readonly options?: ReturnType<typeof optionRows>;
  readonly [column: string]: unknown;
}

interface Published {
  readonly title: string;
  readonly paper: string;
  readonly order?: number;
  readonly options: z.ZodObject;
}

const published = ({ title, paper, order, options }: Published) => ({
  title,
  paper,
  ...(order === undefined ? {} : { order }), // a column of samplers alone
  options: optionRows(options),
});

type Registry = (io: Io, rooms: Rooms) => readonly Row[] | Promise<readonly Row[]>;

export const registries = {
  async suites({ entry }: Io): Promise<Row[]> {
    const folder = suitesFolder(entry);
    return Promise.all(
      suiteNames(folder).map(async (name) => {
        const suite: unknown = parse(await readFile(join(folder, `${name}.yaml`), "utf8"));
        return { name, description: Reflect.get(Object(suite), "description") ?? "" };
      }),
    );
  },
  datasets: (): Row[] => datasetRows(),
  models: () =>
    rowsOf(models, ({ side, describe, schema }) => ({
      side,
      description: describe,
      options: optionRows(schema),
    })),
  schedules: () => rowsOf(schedules, published),
  samplers: () => rowsOf(samplers, published),
  objectives: () => rowsOf(objectives, published),
  losses: () => rowsOf(losses, ({ title, paper }) => ({ title, paper })),
  metrics: () =>
    rowsOf(metrics, ({ title, paper, direction, tieRule }) => ({
      title,
      better: direction,
      paper,
      ties: tieRule,
    })),
  async stages(_io: Io, rooms: Rooms): Promise<Row[]> {
    return (await rooms.stages()).map(({ kind, title }) => ({ name: kind, title }));
  },
} satisfies Record<string, Registry>;

const kinds = [...(Object.keys(registries) as (keyof typeof registries)[]), "schema"] as const;

export default command({
  flags: { json: toggle("print one JSON array") },
  positionals: { what: wordOf(kinds, kinds.join(", ")) },
  notes: "`bench list schema` prints the JSON Schema of suite files, for editors.",
  async run({ what, json }, io, rooms) {
    if (what === "schema") printJson(io, suiteJsonSchema());
    else {
      const registry: Registry = registries[what];
      const rows = await registry(io, rooms);
      if (json) printJson(io, rows);
      else printRows(rows, io);
    }
    return 0;
  },
});

function printRows(rows: readonly Row[], io: Io): void {
  const columns = Object.keys(rows[0] ?? {}).filter((key) => key !== "options");
  const cells = rows.map((row) => columns.map((column) => String(row[column] ?? "")));
  printTable(io, columns, cells);
  for (const { name, options = [] } of rows) {
    if (options.length === 0) continue;
    printLine(io, `\noptions of ${name}:`);
    const meanings = options.map((option) => [option.name, option.default, option.meaning]);
    printTable(io, ["option", "default", "meaning"], meanings);
  }
}
