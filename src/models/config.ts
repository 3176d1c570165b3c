/** Configuration is validated once, strictly, where a model is made. */
import * as z from "zod";
import { badConfig } from "../core/errors.ts";

/** A whole number from 1. */
export const whole = z.number().int().positive();
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
