/** What a reader must know beside the answer: what is missing from it, stands aside in it or makes no sense. */
import { formatList, plural } from "../../../core/format.ts";
import {
  type Candidate,
  type Choice,
  type DecisionData,
  metricOf,
  type Requirements,
  tells,
} from "./choose.ts";
import { seedsText } from "./words.ts";

/** A sentence each. */
export function notesOf(
  data: DecisionData,
  { metric: name, labels }: Requirements,
  choice: Choice,
): string[] {
  const { candidates, chosen } = choice;
  const named = (all: readonly Candidate[]) => formatList(all.map(({ option }) => option.name));
  const models = new Set(candidates.map(({ option }) => option.title));
  const noise = candidates.filter(({ beatsNoise }) => !beatsNoise);
  const failing = candidates.filter(({ trains }) => !trains);
  const toldLabels = candidates.filter(({ option, meetsLabels }) => option.conditional && !meetsLabels);
  const partial = candidates.filter(({ option }) => {
    const value = option.quality[name];
    return value !== undefined && value.bySeed.length < value.of;
  });
  const metric = metricOf(data, name);
  return [
    ...data.missing.map(({ title, why }) => `${title} is not in this answer: ${why}.`),
    ...(models.size === 1 && candidates.length > 1
      ? [`Only ${[...models][0]} was measured: this chooses among its settings, not between models.`]
      : []),
    ...(noise.length > 0 && tells(metric)
      ? [`No better than noise in ${metric?.word}, and never chosen: ${named(noise)}.`]
      : []),
    ...(failing.length > 0 ? [`Most trainings failed, and they are never chosen: ${named(failing)}.`] : []),
    ...(partial.length > 0
      ? [
          `Means of survivors, since not every seed has a value: ${partial.map(({ option }) => `${option.name} (${seedsText(option.quality[name])})`).join(", ")}.`,
        ]
      : []),
    ...(toldLabels.length > 0
      ? [
          `${plural(toldLabels.length, "setting")} of models that are told labels stand${toldLabels.length === 1 ? "s" : ""} aside, since no label is asked for.`,
        ]
      : []),
    ...(chosen?.option.conditional && labels === "any" && candidates.some(({ option }) => !option.conditional)
      ? [
          `${chosen.option.title} was told the label of each image, as often as it occurs in the data, and others were not: like is not compared with like.`,
        ]
      : []),
  ];
}
