/** Sample grids in reading order: real images and one pass, then each sampler over its steps. */
import type { Cell, Grid, Run } from "../../record/index.ts";
import { groupBy, ONE_PASS, records, titleOf } from "../analysis/index.ts";
import { type Part, type Picture, pictures } from "./section.ts";

export const picture = (label: string, { file, caption }: Grid, alt: string): Picture => ({
  label,
  file,
  caption,
  alt,
});

const samples = (label: string, grid: Grid): Picture =>
  picture(label, grid, `${grid.rows * grid.columns} samples, ${label}: ${grid.caption}`);

/** Of several seeds the first is shown, since one page of them is enough to look at. */
export function samplePictures(run: Run, cells: readonly Cell[]): Part[] {
  const real = records(cells, "anchors")[0]?.real.grid;
  const settings = records(cells, "diversity").flatMap(({ model, seed, settings }) =>
    settings.map((quality) => ({ model, seed, ...quality })),
  );
  const models = run.models.toSorted((a, b) => Number(b.family === "gan") - Number(a.family === "gan"));
  const shown = models.flatMap(({ id, title }) => {
    const own = settings.filter(({ model }) => model === id);
    return own
      .filter(({ seed }) => seed === own[0]!.seed)
      .toSorted((a, b) => (a.sampler < b.sampler ? -1 : a.sampler > b.sampler ? 1 : a.steps - b.steps))
      .flatMap(({ sampler, steps, grid }) =>
        grid ? [{ title, sampler, steps, grid, onePass: sampler === ONE_PASS }] : [],
      );
  });
  return [
    ...pictures(
      "Real images and one pass",
      [
        ...(real ? [samples("real images", real)] : []),
        ...shown.filter(({ onePass }) => onePass).map(({ title, grid }) => samples(title, grid)),
      ],
      "grid",
    ),
    ...groupBy(
      shown.filter(({ onePass }) => !onePass),
      ({ title, sampler }) => JSON.stringify([title, sampler]),
    ).flatMap((members) =>
      pictures(
        `${members[0]!.title}, ${members[0]!.sampler}`,
        members.map(({ steps, grid }) => samples(`${steps} ${steps === 1 ? "step" : "steps"}`, grid)),
        "grid",
      ),
    ),
  ];
}

/** One picture a model, of the first seed that has it. */
export function perModel(
  run: Run,
  found: readonly { readonly model: string; readonly grid: Grid | undefined }[],
  alt: (title: string) => string,
): Picture[] {
  return groupBy(found, ({ model }) => model).flatMap((group) => {
    const first = group.find(({ grid }) => grid !== undefined);
    const title = titleOf(run, group[0]!.model);
    return first?.grid ? [picture(title, first.grid, `${alt(title)}: ${first.grid.caption}`)] : [];
  });
}
