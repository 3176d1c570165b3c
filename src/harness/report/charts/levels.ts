/** Horizontal lines of models that make an image in one pass, and so have no steps to stand over. */
import { isOnePass, type View } from "../../tables/index.ts";
import type { Level } from "./marks.ts";
import { lookOf } from "./theme.ts";

/** A level for each row of a one-pass model; names stand at both ends in turn. */
export const onePassLevels = <Row extends { readonly model: string }>(
  view: View,
  rows: readonly Row[],
  read: (row: Row) => number,
  label: (title: string, value: number) => string = (title) => title,
): Level[] =>
  rows
    .filter(({ model }) => isOnePass(view, model))
    .map((row, i) => ({
      value: read(row),
      label: label(view.title(row.model), read(row)),
      color: lookOf(view, row.model).color,
      side: i % 2 === 0 ? "right" : "left",
    }));
