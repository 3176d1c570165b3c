/** Where the settings of the models weaken a comparison: found with unequal effort, with none, or not those that were found. */
import { formatCount, formatList, plural } from "../../../core/format.ts";
import { canonicalJson } from "../../../core/hash.ts";
import type { ModelFacts } from "../../record/index.ts";
import { searchOf } from "../../record/index.ts";
import type { View } from "../../tables/index.ts";

/** A sentence each; none where every model runs as equal searches chose. */
export function tuningNotes({ run: { models } }: View): string[] {
  const trained = models.filter((model) => model.trained);
  return [...effortNotes(trained), ...trained.flatMap(departures)];
}

function effortNotes(models: readonly ModelFacts[]): string[] {
  const stated = models.flatMap(({ tuning, title }) => (tuning ? [{ title, trials: tuning.trials }] : []));
  if (stated.length < models.length)
    return [
      `The tuning effort is not stated for ${stated.length === 0 ? "any model" : "every model"}: a lead may come from tuning alone.`,
    ];
  const most = stated.toSorted((a, b) => b.trials - a.trials)[0];
  if (!most || stated.every(({ trials }) => trials === most.trials)) return [];
  const efforts = formatList(stated.map(({ title, trials }) => `${title} ${plural(trials, "trial")}`));
  return [`The models were not tuned equally (${efforts}), which weakens any lead of ${most.title}.`];
}

/** Where a model runs otherwise than its search chose: at other options, or with another budget. */
function departures({ title, options, tuning, imagesSeen, batch = 1 }: ModelFacts): string[] {
  const search = searchOf(tuning);
  if (!search || !options) return [];
  const chosen = Object.entries(search.best?.options ?? {});
  const changed = chosen.flatMap(([name, value]) =>
    canonicalJson(options[name] ?? null) === canonicalJson(value ?? null)
      ? []
      : [`${name} ${JSON.stringify(options[name])}, where the search chose ${JSON.stringify(value)}`],
  );
  const images = search.rungs.at(-1)!.images;
  const another = imagesSeen !== undefined && Math.abs(imagesSeen - images) >= batch;
  return [
    ...(changed.length > 0
      ? [
          `${title} does not run as it was tuned: ${changed.join("; ")}. Its numbers are of that setting alone.`,
        ]
      : []),
    ...(another
      ? [
          `${title} was tuned for ${formatCount(images)} training images and sees ${formatCount(imagesSeen)}: the best settings of the two may differ.`,
        ]
      : []),
  ];
}
