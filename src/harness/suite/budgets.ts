/** A suite's file with other budgets: all else in it, comments too, stays as its author wrote it. */
import { parseDocument } from "yaml";

/** `text` with `images` of each model named. */
export function withBudgets(text: string, images: Readonly<Record<string, number>>): string {
  const document = parseDocument(text);
  for (const [model, count] of Object.entries(images)) document.setIn(["models", model, "images"], count);
  return document.toString();
}
