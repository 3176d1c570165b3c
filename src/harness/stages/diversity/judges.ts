/** What the judges that confirm make of every sampled set, and how far they order the settings as the first judge does. */
import { formatList, formatNumber, plural } from "../../../core/format.ts";
import { kendallTau, mean } from "../../../core/statistics/index.ts";
import { bySeries, type Chart, colors, plot } from "../../report/charts/index.ts";
import { charts, list, type Part, text } from "../../report/section.ts";
import {
  derived,
  describeSetting,
  groupBy,
  inCsv,
  metricTitle,
  metricValue,
  RANKING,
  type Setting,
  settingColumns,
  settingKey,
  table,
  type View,
} from "../../tables/index.ts";
import * as c from "../readout/columns.ts";
import { scoredSets } from "./tables.ts";

export const confirmed = table({
  name: "judges",
  describe:
    "Quality of each sampled set by the judges that confirm; one row a judge and metric, anchors first. The first judge's values are in diversity.csv.",
  rows: (view: View) =>
    scoredSets(view).flatMap(({ quality, place, ...set }) => {
      const { sampler, steps, n } = quality;
      return (quality.confirmed ?? []).flatMap((other) =>
        c.metricRows(other).map((row) => ({
          ...set,
          place: place && [...place, `by ${other.judge}`],
          sampler,
          steps,
          n,
          judge: other.judge,
          ...row,
        })),
      );
    }),
  columns: (column) => ({
    ...c.scoredSet,
    judge: column("feature space that the images are compared in", (row) => row.judge),
    ...c.metricColumns,
  }),
});

/** A setting's ranking metric by the first judge and by another, means over the seeds that both have. */
export interface JudgedTwice extends Setting {
  readonly first: number;
  readonly other: number;
  readonly bySeed: readonly { readonly seed: number; readonly first: number; readonly other: number }[];
}

export interface Agreement {
  readonly judge: string;
  readonly settings: readonly JudgedTwice[];
  /** Kendall's tau-b over all settings; undefined where a judge orders none. */
  readonly tau: number | undefined;
  /** Pairs of models, at each judge's best setting, that the two judges order against each other. */
  readonly reversed: readonly (readonly [string, string])[];
}

/** One for each judge that confirms, in the suite's order. */
export const agreements = derived((view: View): Agreement[] => {
  const scored = view.records("diversity").flatMap(({ model, seed, settings }) =>
    settings.flatMap((quality) => {
      const first = metricValue(quality, RANKING);
      return (quality.confirmed ?? []).flatMap((by) => {
        const other = metricValue({ ...quality, ...by }, RANKING);
        const { sampler, steps } = quality;
        if (first === undefined || other === undefined) return [];
        return [{ judge: by.judge, model, sampler, steps, seed, first, other }];
      });
    }),
  );
  return groupBy(scored, ({ judge }) => judge).map((ofJudge) => {
    const settings = groupBy(ofJudge, settingKey).map(
      (group): JudgedTwice => ({
        ...settingColumns(group[0]),
        first: mean(group.map(({ first }) => first)),
        other: mean(group.map(({ other }) => other)),
        bySeed: group.map(({ seed, first, other }) => ({ seed, first, other })),
      }),
    );
    return {
      judge: ofJudge[0].judge,
      settings,
      tau: kendallTau(
        settings.map(({ first }) => first),
        settings.map(({ other }) => other),
      ),
      reversed: reversedPairs(settings),
    };
  });
});

/** Models whose best settings, each judge's own, the two judges order against each other. */
function reversedPairs(settings: readonly JudgedTwice[]): [string, string][] {
  const best = groupBy(settings, ({ model }) => model).map((own) => ({
    model: own[0].model,
    first: Math.min(...own.map(({ first }) => first)),
    other: Math.min(...own.map(({ other }) => other)),
  }));
  return best.flatMap((a, i) =>
    best
      .slice(i + 1)
      .filter((b) => (a.first - b.first) * (a.other - b.other) < 0)
      .map((b): [string, string] => [a.model, b.model]),
  );
}

/** Nothing where one judge stands alone. */
export function agreementParts(view: View): Part[] {
  const found = agreements(view);
  if (found.length === 0) return [];
  return [
    ...text(
      "Other feature spaces judge the same samples. A ranking that turns with the features is no result.",
    ),
    ...list(found.map((agreement) => sentenceOf(view, agreement))),
    ...charts(...found.map((agreement) => agreementChart(view, agreement))),
  ];
}

function sentenceOf(view: View, { judge, settings, tau, reversed }: Agreement): string {
  const order =
    tau === undefined
      ? `${judge} scores ${plural(settings.length, "setting")}, too few to order`
      : `${judge} orders ${settings.length} settings as the first judge does with Kendall's tau-b of ${formatNumber(tau, 2)} (1: alike, 0: unrelated)`;
  const pairs = reversed.map(([a, b]) => `${view.title(a)} and ${view.title(b)}`);
  return pairs.length === 0
    ? `${order}; no two models change places.`
    : `${order}; it reverses ${formatList(pairs)}.`;
}

function agreementChart(view: View, { judge, settings }: Agreement): Chart | undefined {
  const metric = metricTitle(view, RANKING);
  const anchors = view.records("anchors")[0];
  const real = anchors && {
    model: "real",
    sampler: "none",
    steps: 0,
    first: metricValue(anchors.real, RANKING),
    other: anchors.real.confirmed
      ?.find((one) => one.judge === judge)
      ?.metrics.find((one) => one.metric === RANKING)?.value,
  };
  const known =
    real?.first !== undefined && real.other !== undefined
      ? [{ ...real, first: real.first, other: real.other }]
      : [];
  const rows = [...settings, ...known].filter(({ first, other }) => first > 0 && other > 0);
  const nameOf = (row: Setting) => (row.model === "real" ? "real images" : describeSetting(view, row));
  return plot({
    id: `judges-${judge.replaceAll(/[^a-z0-9]+/gi, "-")}`,
    title: `${metric} by ${judge}`,
    description: `Across: ${metric} by the first judge. Up: by ${judge}. Where both order the settings alike, the points rise from the lower left; lower is better in both.`,
    height: 280,
    rows,
    columns: {
      setting: nameOf,
      "first judge": ({ first }) => first,
      [judge]: ({ other }) => other,
    },
    source: inCsv(confirmed, (row) => ({ ...settingColumns(row), judge, metric: RANKING })),
    x: { title: `${metric}, first judge`, scale: "log", of: ({ first }) => first },
    y: { title: `${metric}, ${judge}`, scale: "log", of: ({ other }) => other },
    line: (row) =>
      row.model === "real"
        ? { label: "real images", color: colors.floor, symbol: "square" }
        : bySeries(view)(row),
  });
}
