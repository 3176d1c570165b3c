/** Sample grids side by side: the real images, each model, and each sampler over its steps. */
import type { Cell, Grid, Run } from "../../record/index.ts";
import { groupBy, ONE_PASS, records, titleOf } from "../analysis/index.ts";
import { html, type Markup } from "./template.ts";

interface Sample {
  readonly group: string;
  readonly label: string;
  readonly grid: Grid;
}

/** Grids in reading order; of several seeds the first, since one page of them is enough to look at. */
export function samplesOf(run: Run, cells: readonly Cell[]): Sample[] {
  const anchors = records(cells, "anchors")[0];
  const settings = records(cells, "diversity").flatMap(({ model, seed, settings }) =>
    settings.map((quality) => ({ model, seed, ...quality })),
  );
  const models = run.models.toSorted((a, b) => Number(b.family === "gan") - Number(a.family === "gan"));
  return [
    ...(anchors?.real.grid ? [{ group: "one-pass", label: "real images", grid: anchors.real.grid }] : []),
    ...models.flatMap(({ id }) => {
      const own = settings.filter(({ model }) => model === id);
      const seed = own[0]?.seed;
      return own
        .filter((one) => one.seed === seed)
        .toSorted((a, b) => (a.sampler < b.sampler ? -1 : a.sampler > b.sampler ? 1 : a.steps - b.steps))
        .flatMap(({ sampler, steps, grid }) => {
          if (!grid) return [];
          if (sampler === ONE_PASS) return [{ group: "one-pass", label: titleOf(run, id), grid }];
          const label = `${steps} ${steps === 1 ? "step" : "steps"}`;
          return [{ group: `${titleOf(run, id)}, ${sampler}`, label, grid }];
        });
    }),
  ];
}

/** `images` holds a data URI for each grid's path; one that it lacks is named where its picture would be. */
export function samplesSection(samples: readonly Sample[], images: ReadonlyMap<string, string>): Markup {
  return html`<section id="samples" aria-labelledby="samples-title">
<h2 id="samples-title">Samples</h2>
<p>Drawn with the same seeds for every model and setting, not selected; of several training seeds the first is shown.</p>
${groupBy(samples, ({ group }) => group).map(
  (
    members,
  ) => html`<h3>${members[0]!.group === "one-pass" ? "Real images and one pass" : members[0]!.group}</h3>
<div class="samples">${members.map((sample) => sampleFigure(sample, images))}</div>
`,
)}
</section>
`;
}

function sampleFigure({ label, grid }: Sample, images: ReadonlyMap<string, string>): Markup {
  const source = images.get(grid.file.path);
  const picture = source
    ? html`<img src="${source}" alt="${grid.rows * grid.columns} samples: ${grid.caption}">`
    : html`<p class="missing">${grid.file.path} is missing or was changed.</p>`;
  return html`<figure>${picture}<figcaption><strong>${label}</strong><small>${grid.caption}</small></figcaption></figure>
`;
}
