/** The registries as rows: what `bench list` prints. Each is loaded only when it is asked for. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import type * as z from "zod";
import type { Parts } from "../run/parts.ts";
import type { Io } from "./io.ts";

export interface OptionRow {
  readonly name: string;
  /** JSON, empty where there is none. */
  readonly default: string;
  readonly meaning: string;
}

export interface Row {
  readonly name: string;
  readonly options?: readonly OptionRow[];
  readonly [column: string]: unknown;
}

export type Registry = (io: Io, parts: Parts) => Promise<Row[]>;

export const registries = {
  async suites({ entry }) {
    const { suiteNames, suitesFolder } = await import("../suite/index.ts");
    const folder = suitesFolder(entry);
    return Promise.all(
      suiteNames(folder).map(async (name) => {
        const suite: unknown = parse(await readFile(join(folder, `${name}.yaml`), "utf8"));
        return { name, description: Reflect.get(Object(suite), "description") ?? "" };
      }),
    );
  },

  async datasets() {
    const { datasetSources } = await import("../datasets/index.ts");
    return Object.entries(datasetSources as Record<string, { describe: string; argument?: string }>).map(
      ([name, { describe, argument }]) => ({
        name: argument ? `${name}:${argument}` : name,
        description: describe,
      }),
    );
  },

  async models() {
    const { models } = await import("../../models/index.ts");
    return Object.entries(models).map(([name, { family, describe, schema }]) => ({
      name,
      family,
      description: describe,
      options: optionRows(schema, ["size", "channels"]),
    }));
  },

  async schedules() {
    const { schedules } = await import("../../models/diffusion/schedules/index.ts");
    return Object.entries(schedules).map(([name, { title, paper, options }]) => ({
      name,
      title,
      paper,
      options: optionRows(options, ["name"]),
    }));
  },

  async samplers() {
    const { samplers } = await import("../../models/diffusion/samplers/index.ts");
    return Object.entries(samplers).map(([name, { title, paper, order, options }]) => ({
      name,
      title,
      paper,
      order,
      options: optionRows(options, []),
    }));
  },

  async objectives() {
    const { objectives } = await import("../../models/diffusion/objectives/index.ts");
    return Object.entries(objectives).map(([name, { title, paper, options }]) => ({
      name,
      title,
      paper,
      options: optionRows(options, ["name"]),
    }));
  },

  async losses() {
    const { losses } = await import("../../models/gan/losses/index.ts");
    return Object.entries(losses).map(([name, { title, paper }]) => ({ name, title, paper }));
  },

  async metrics() {
    const { metrics } = await import("../../metrics/index.ts");
    return Object.entries(metrics).map(([name, { title, paper, direction, tieRule }]) => ({
      name,
      title,
      better: direction,
      paper,
      ties: tieRule,
    }));
  },

  async stages(_io, parts) {
    return (await parts.stages()).map(({ kind, title }) => ({ name: kind, title }));
  },
} satisfies Record<string, Registry>;

function optionRows(schema: z.ZodObject, without: readonly string[]): OptionRow[] {
  return Object.entries(schema.shape)
    .filter(([name]) => !without.includes(name))
    .map(([name, option]) => {
      const type = option as z.ZodType;
      const resolved = type.safeParse(undefined);
      return {
        name,
        default: resolved.success && resolved.data !== undefined ? JSON.stringify(resolved.data) : "",
        meaning: type.description ?? "",
      };
    });
}
