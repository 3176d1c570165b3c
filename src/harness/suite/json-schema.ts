/** The suite's schema as JSON Schema (draft 7), for editors: completion, and mistakes marked as they are typed. */
import * as z from "zod";
import { givenOptions, type ModelKind, models } from "../../models/index.ts";
import { suiteSchema } from "./schema.ts";

type JsonSchema = z.core.JSONSchema.JSONSchema;

const converted = (schema: z.ZodType): JsonSchema =>
  z.toJSONSchema(schema, {
    target: "draft-7",
    io: "input",
    unrepresentable: "any",
    override({ jsonSchema }) {
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum; // says nothing to a reader
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    },
  });

/** What a suite file may hold; the options of a model by its type. What a mistake is beyond that only a run can tell. */
export function suiteJsonSchema(): JsonSchema {
  const schema = converted(suiteSchema);
  const kinds: [string, ModelKind][] = Object.entries(models);
  const properties = schema.properties as Record<string, JsonSchema>;
  delete properties.stages!.properties!.tune; // `bench tune` makes it of `tune`
  const model = properties.models!.additionalProperties as JsonSchema;
  const type: JsonSchema = { type: "string", enum: kinds.map(([name]) => name) };
  return {
    ...schema,
    title: "a suite of bench",
    properties: {
      ...properties,
      models: {
        ...properties.models,
        additionalProperties: {
          ...model,
          properties: { ...model.properties, type },
          allOf: kinds.map(([name, kind]) => ({
            if: { properties: { type: { const: name } } },
            // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
            then: { properties: { options: optionsOf(kind) } },
          })),
        },
      },
    },
  };
}

/** Options that the suite gives; none is required where all have defaults. */
function optionsOf({ describe, schema }: ModelKind): JsonSchema {
  const given = Object.keys(givenOptions).filter((name) => Object.hasOwn(schema.shape, name));
  const own = schema.omit(Object.fromEntries(given.map((name) => [name, true])) as Record<string, never>);
  const { $schema: _, ...options } = converted(own);
  return { ...options, description: describe };
}
