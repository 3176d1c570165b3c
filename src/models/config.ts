/** Configuration is validated once, strictly, where a model is made. */
import * as z from "zod";
import { BenchError } from "../core/errors.ts";

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
  throw new BenchError("BAD_CONFIG", problems.join("; "), { cause: parsed.error });
}
