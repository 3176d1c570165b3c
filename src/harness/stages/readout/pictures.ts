/** Pictures of the run folder as parts of a section. */
import type { Grid } from "../../record/index.ts";
import { type Part, type Picture, pictures } from "../../report/section.ts";
import { groupBy, type View } from "../../tables/index.ts";

export const picture = (label: string, { file, caption, columns }: Grid, alt: string): Picture => ({
  label,
  file,
  columns,
  caption,
  alt: `${alt}: ${caption}`,
});

/** Wide pictures, one a model, of the first seed that has it: enough to look at on one page. */
export const perModel = <Row extends { readonly model: string }>(
  view: View,
  title: string,
  rows: readonly Row[],
  gridOf: (row: Row) => Grid | undefined,
  alt: string,
): Part[] => {
  const shown = groupBy(rows, ({ model }) => model).flatMap((group) => {
    const [grid] = group.flatMap((row) => gridOf(row) ?? []);
    const name = view.title(group[0].model);
    return grid ? [picture(name, grid, `${name}, ${alt}`)] : [];
  });
  return pictures(title, shown, "wide");
};
