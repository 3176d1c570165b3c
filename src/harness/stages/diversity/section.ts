/** Claim 3: how much of the distribution each model makes. */
import { formatNumber } from "../../../core/format.ts";
import { type Grid, stackedNote } from "../../record/index.ts";
import { charts, type Part, pictures, type Section, text } from "../../report/section.ts";
import { describeSetting, groupBy, isOnePass, ONE_PASS, type View } from "../../tables/index.ts";
import { type Claim, intervalText, judged, outcomeOf, type PairFinding } from "../readout/claim.ts";
import { shiftInterval } from "../readout/intervals.ts";
import { perModel, picture } from "../readout/pictures.ts";
import { agreementParts } from "./judges.ts";
import { modesChart } from "./modes.ts";
import { plane, qualityCharts } from "./quality.ts";
import { bestSetting, qualityPoints, readingNamed } from "./tables.ts";
import { weightsChart } from "./weights.ts";

/** Differences of coverage up to this are no advantage in a deployment. */
export const COVERAGE_MARGIN = 0.02;

interface Coverage {
  readonly setting: string;
  readonly value: number;
  readonly bySeed: readonly number[];
}

export const diversityClaim: Claim<Coverage> = {
  text: "Diffusion covers the distribution, GANs lose modes",
  rule: `coverage of each model at its setting of the lowest FID, by training seed; Hodges-Lehmann difference with its exact interval (4 seeds a model at least). It holds where the interval lies above 0, it does not where it lies below ${COVERAGE_MARGIN}, and every pair of models must agree.`,
  notMeasured: "coverage of both families",
  read(view, model) {
    const best = bestSetting(view, model, (point) => readingNamed(point, "coverage") !== undefined);
    const coverage = readingNamed(best?.point, "coverage");
    if (!best || !coverage) return undefined;
    const bySeed = coverage.bySeed.map(({ value }) => value);
    return { setting: describeSetting(view, best.point), value: coverage.value, bySeed };
  },
  find: (gan, diffusion) =>
    coverageFinding(
      gan.bySeed,
      diffusion.bySeed,
      `${diffusion.setting} covers ${formatNumber(diffusion.value)}, ${gan.setting} ${formatNumber(gan.value)}`,
    ),
};

/** From coverage by seed of a GAN and of a diffusion model. */
export function coverageFinding(
  gan: readonly number[],
  diffusion: readonly number[],
  facts: string,
): PairFinding {
  const shift = shiftInterval(gan, diffusion);
  if (!shift.defined) return { outcome: "inconclusive", text: `${facts}; ${shift.why}.` };
  return {
    outcome: outcomeOf(shift, COVERAGE_MARGIN),
    text: `${facts}; diffusion covers more by ${intervalText(shift)}.`,
  };
}

export function diversitySection(view: View): Section {
  const found = view.records("diversity");
  const ofKind = (onePass: boolean) => found.filter(({ model }) => isOnePass(view, model) === onePass);
  const n = qualityPoints(view)[0]?.n;
  const fewer = n === undefined ? undefined : stackedNote(view.run.dataset.name, n);
  return {
    id: "diversity",
    title: "Diversity",
    claim: diversityClaim.text,
    verdict: judged(view, diversityClaim),
    parts: [
      ...charts(...qualityCharts(view)),
      ...charts(plane(view, "precision", "recall"), plane(view, "density", "coverage")),
      ...agreementParts(view),
      ...charts(modesChart(view), weightsChart(view)),
      ...(fewer === undefined ? [] : text(fewer)),
      ...samplePictures(view),
      ...perModel(
        view,
        "From noise to image",
        ofKind(false),
        ({ illustration }) => illustration,
        "samples on their way from noise",
      ),
      ...perModel(
        view,
        "Between two latents",
        ofKind(true),
        ({ illustration }) => illustration,
        "walks between latents",
      ),
      ...perModel(
        view,
        "Samples above their nearest training images",
        found,
        ({ neighbours }) => neighbours,
        "samples, each above its nearest training image",
      ),
    ],
    protocol: [
      "Every setting makes as many images as the stated n, from the same seeds, and is scored against the same test images, which neither generators nor the classifier were trained on.",
      "Solid lines: the models that make an image in one pass, which have no steps. Dashed: real images scored the same way, which no model is expected to pass, and noise.",
      "Sample grids are drawn with the same seeds for every model and setting and are not selected; of several training seeds the first is shown.",
    ],
  };
}

const samples = (label: string, grid: Grid) =>
  picture(label, grid, `${grid.rows * grid.columns} samples, ${label}`);

/** Sample grids of the first seed: real images and one pass, then each sampler over its steps. */
function samplePictures(view: View): Part[] {
  const real = view.records("anchors")[0]?.real.grid;
  const models = view.run.models.toSorted((a, b) => Number(b.onePass) - Number(a.onePass));
  const grids = models.flatMap(({ id, title }) => {
    const first = view.records("diversity").find(({ model }) => model === id);
    return (first?.settings ?? [])
      .toSorted((a, b) => (a.sampler < b.sampler ? -1 : a.sampler > b.sampler ? 1 : a.steps - b.steps))
      .flatMap(({ sampler, steps, grid }) => (grid ? [{ title, sampler, steps, grid }] : []));
  });
  const onePass = grids.filter(({ sampler }) => sampler === ONE_PASS);
  const swept = grids.filter(({ sampler }) => sampler !== ONE_PASS);
  return [
    ...pictures(
      "Real images and one pass",
      [
        ...(real ? [samples("real images", real)] : []),
        ...onePass.map(({ title, grid }) => samples(title, grid)),
      ],
      "grid",
    ),
    ...groupBy(swept, ({ title, sampler }) => `${title}, ${sampler}`).flatMap((members) =>
      pictures(
        `${members[0].title}, ${members[0].sampler}`,
        members.map(({ steps, grid }) => samples(`${steps} ${steps === 1 ? "step" : "steps"}`, grid)),
        "grid",
      ),
    ),
  ];
}
