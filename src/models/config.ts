/** Configuration is validated once, strictly, where a model is made. */
import * as z from "zod";
import { badConfig } from "../core/errors.ts";

/** A whole number from 1, far below what a number of anything in a model can be; options state closer bounds. */
export const whole = z.number().int().positive().max(1e12);
/** Channels of a map or a layer. */
export const width = whole.max(4096);
/** Edge of square images in pixels. */
export const edge = whole.max(256);
/** Labels of the data. */
export const labels = z.number().int().min(0).max(65_536);
/** Steps of a process that is divided. */
export const levels = whole.max(10_000);
export const positive = z.number().positive();
export const nonNegative = z.number().min(0);
export const flag = z.boolean();
/** From 0 to below 1. */
export const fraction = nonNegative.lt(1);

/** Decays of averaged weights that a search tries, the same for both sides; 0 samples from the last weights. */
export const AVERAGES = [0, 0.9, 0.99, 0.999] as const;

/** An object without other keys than these; the message for another names the known ones. */
export function options<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? `unknown option ${issue.keys.map((key) => `"${key}"`).join(", ")}; known: ${Object.keys(shape).join(", ")}`
        : undefined,
  });
}

/** The resolved configuration, defaults filled in; BAD_CONFIG says of every wrong option where it is and what is known. */
export function parseConfig<Schema extends z.ZodObject>(
  model: string,
  schema: Schema,
  config: unknown,
): z.infer<Schema> {
  const parsed = schema.safeParse(config);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    ({ path, message }) => `${[model, ...path].join(".")}: ${message}`,
  );
  throw badConfig(problems.join("; "), parsed.error);
}
