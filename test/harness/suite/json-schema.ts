/** The keywords of JSON Schema draft 7 that the suite's schema is made of; any other is an error, so that none is ignored. */
type Schema = Readonly<Record<string, unknown>>;
type Value = unknown;

const isObject = (value: Value): value is Record<string, Value> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const types: Readonly<Record<string, (value: Value) => boolean>> = {
  object: isObject,
  array: Array.isArray,
  string: (value) => typeof value === "string",
  number: (value) => typeof value === "number",
  integer: Number.isInteger,
  boolean: (value) => typeof value === "boolean",
};

type Keyword = (argument: never, value: Value, schema: Schema) => boolean;
const said: Keyword = () => true;
const number = (holds: (value: number, bound: number) => boolean) => (bound: number, value: Value) =>
  typeof value !== "number" || holds(value, bound);

const keywords: Readonly<Record<string, Keyword>> = {
  $schema: said,
  title: said,
  description: said,
  default: said,
  propertyNames: (names: Schema, value) =>
    !isObject(value) || Object.keys(value).every((name) => isValid(names, name)),
  type: (type: string, value) => types[type]!(value),
  const: (wanted, value) => value === wanted,
  enum: (wanted: readonly Value[], value) => wanted.includes(value),
  pattern: (pattern: string, value) => typeof value !== "string" || new RegExp(pattern).test(value),
  minLength: (least: number, value) => typeof value !== "string" || value.length >= least,
  minItems: (least: number, value) => !Array.isArray(value) || value.length >= least,
  maxItems: (most: number, value) => !Array.isArray(value) || value.length <= most,
  minimum: number((value, bound) => value >= bound),
  maximum: number((value, bound) => value <= bound),
  exclusiveMinimum: number((value, bound) => value > bound),
  exclusiveMaximum: number((value, bound) => value < bound),
  multipleOf: number((value, bound) => value % bound === 0),
  required: (names: readonly string[], value) =>
    !isObject(value) || names.every((name) => Object.hasOwn(value, name)),
  /** One schema for all items, or one for each of the first. */
  items: (items: Schema | readonly Schema[], value) =>
    !Array.isArray(value) ||
    value.every((one, i) => {
      const schema = Array.isArray(items) ? items[i] : items;
      return schema === undefined || isValid(schema, one);
    }),
  additionalItems: (schema: Schema | boolean, value, { items }) =>
    !Array.isArray(value) ||
    !Array.isArray(items) ||
    value.slice(items.length).every((one) => (typeof schema === "boolean" ? schema : isValid(schema, one))),
  properties: (properties: Readonly<Record<string, Schema>>, value) =>
    !isObject(value) ||
    Object.entries(properties).every(([name, schema]) => !(name in value) || isValid(schema, value[name])),
  additionalProperties: (schema: Schema | boolean, value, { properties = {} }) =>
    !isObject(value) ||
    Object.entries(value).every(
      ([name, one]) =>
        Object.hasOwn(properties as object, name) ||
        (typeof schema === "boolean" ? schema : isValid(schema, one)),
    ),
  anyOf: (schemas: readonly Schema[], value) => schemas.some((schema) => isValid(schema, value)),
  oneOf: (schemas: readonly Schema[], value) =>
    schemas.filter((schema) => isValid(schema, value)).length === 1,
  allOf: (schemas: readonly Schema[], value) => schemas.every((schema) => isValid(schema, value)),
  if: (condition: Schema, value, schema) =>
    !isValid(condition, value) || isValid(schema.then as Schema, value),
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: said,
};

export function isValid(schema: Schema, value: Value): boolean {
  return Object.entries(schema).every(([name, argument]) => {
    const keyword = keywords[name];
    if (!keyword) throw new Error(`this validator does not know ${name}`);
    return keyword(argument as never, value, schema);
  });
}
