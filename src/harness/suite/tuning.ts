/** What a suite is to a run and to a search for settings, and the suite that a search writes. */
import { type Document, isAlias, isPair, parseDocument, visit } from "yaml";
import * as z from "zod";
import { assert, type BenchError } from "../../core/errors.ts";
import { canonicalJson } from "../../core/hash.ts";
import type { Range, Space } from "../../core/space.ts";
import { knownWords } from "../../core/suggest.ts";
import { givenOptions, type ModelKind, models, type TrainedKind } from "../../models/index.ts";
import type { Tuning } from "../record/index.ts";
import { stageOptions, tuneOptions } from "../stages/options.ts";
import { badOptions } from "./issues.ts";
import type { Origin } from "./places.ts";
import type { SuiteConfig } from "./schema.ts";
import { written } from "./written.ts";

/** Between the seeds that a suite reports and those that it is tuned with. */
const SEEDS_APART = 1000;

/** What `bench run` makes of a suite: how it would be tuned decides nothing. @throws BAD_CONFIG for a search's own stage */
export function runConfig({ tune: _, ...config }: SuiteConfig, origin: Origin): SuiteConfig {
  if (config.stages.tune)
    throw badOptions(
      [
        {
          path: ["stages", "tune"],
          message:
            "stages.tune is of a search for settings: give a suite's options as tune at its top, and start and resume a search with bench tune",
        },
      ],
      origin,
    );
  return config;
}

/**
 * What `bench tune` makes of a suite: one stage, whose options hold every default, models and spaces among them, and the
 * search's seeds in place of the suite's. The configuration of a search that is resumed is given back.
 * @throws BAD_CONFIG for unknown models and options, values that an option cannot have, and seeds that the suite reports
 */
export function tuneConfig({ tune, ...config }: SuiteConfig, origin: Origin): SuiteConfig {
  if (config.stages.tune && !tune) return config;
  const given = tune ?? tuneOptions.parse({});
  const bad = (path: readonly string[], message: string) =>
    badOptions([{ path: ["tune", ...path], message: `tune.${path.join(".")}: ${message}` }], origin);
  const { trials, eta, rungs, seeds, metric, n } = given;
  if (trials < eta ** (rungs - 1))
    throw bad(
      ["trials"],
      `${rungs} rungs that keep 1/${eta} need ${eta ** (rungs - 1)} trials at least, not ${trials}`,
    );
  const reported = reportedSeeds(config);
  const seed = given.seed ?? Math.max(config.seed + SEEDS_APART, reported.to + 1);
  if (seed <= reported.to && seed + seeds - 1 >= reported.from)
    throw bad(
      ["seed"],
      `${range(seed, seed + seeds - 1)} would choose the settings, and the suite reports ${range(reported.from, reported.to)}; what chooses is not reported`,
    );
  const ids = tunedModels(config, given.models, bad);
  tunedModels(config, Object.keys(given.space), (_, message) => bad(["space"], message));
  const space = Object.fromEntries(ids.map((id) => [id, spaceOf(config, id, given.space[id], bad)]));
  const stage = { trials, eta, rungs, seed, seeds, metric, n, models: ids, space };
  return { ...config, seed, seeds, stages: { tune: stageOptions.tune.parse(stage) } };
}

type Bad = (path: readonly string[], message: string) => BenchError;

const range = (from: number, to: number): string => (from === to ? `seed ${from}` : `seeds ${from} to ${to}`);

/** First and last training seed of the suite's stages. */
function reportedSeeds({ seed, seeds, stages }: SuiteConfig): { from: number; to: number } {
  const counts = Object.values(stages).map((stage) => (stage && "seeds" in stage ? stage.seeds : 1));
  return { from: seed, to: seed + Math.max(seeds, ...counts) - 1 };
}

function trainedKindOf(config: SuiteConfig, id: string): TrainedKind | undefined {
  const kinds: Readonly<Record<string, ModelKind>> = models;
  const kind = kinds[config.models[id]!.type]!;
  return kind.trained ? kind : undefined;
}

function tunedModels(config: SuiteConfig, named: readonly string[] | undefined, bad: Bad): string[] {
  const trained = Object.keys(config.models).filter((id) => trainedKindOf(config, id));
  const unknown = named?.find((id) => !trained.includes(id));
  if (unknown !== undefined)
    throw bad(["models"], `no model "${unknown}" that is trained here${knownWords(unknown, trained)}`);
  if (trained.length === 0) throw bad(["models"], "the suite has no model that is trained here");
  return trained.filter((id) => named?.includes(id) ?? true);
}

/** The model's space: what the suite names in place of what its kind does, each value one that the option can have. */
function spaceOf(config: SuiteConfig, id: string, named: Space | undefined, bad: Bad): Space {
  const kind = trainedKindOf(config, id);
  assert(kind, `${id} is not trained here`);
  const space = named ?? kind.space;
  const known = Object.keys(kind.schema.shape).filter((name) => !Object.hasOwn(givenOptions, name));
  for (const [name, options] of Object.entries(space)) {
    const path = ["space", id, name];
    if (!known.includes(name))
      throw bad(path, `${config.models[id]!.type} has no option "${name}"${knownWords(name, known)}`);
    const schema = kind.schema.shape[name];
    const wrong = extremesOf(options).find((value) => !schema?.safeParse(value).success);
    if (wrong !== undefined) throw bad(path, `the option cannot be ${canonicalJson(wrong)}`);
  }
  return space;
}

const extremesOf = (range: Range): readonly unknown[] =>
  "log" in range ? range.log : "uniform" in range ? range.uniform : range;

/** Equal values are written twice, not as anchor and alias. */
const WRITTEN_OUT = { aliasDuplicateObjects: false } as const;

/** What a search found for a model: the options that it chose, none where no trial had a value, and its record. */
export interface Tuned {
  readonly options: Readonly<Record<string, unknown>>;
  readonly tuning: Tuning;
}

/**
 * `text`, a suite file, with the chosen options and the record of each model that was tuned. Everything else stays as it
 * is, comments too. A model that inherits from another by an alias or a merge key, and would change with it, is written out.
 */
export function withTuning(text: string, tuned: Readonly<Record<string, Tuned>>): string {
  const document = parseDocument(text, { merge: true });
  const before = modelsIn(text);
  for (const [id, { options, tuning }] of Object.entries(tuned)) {
    const place = ["models", id];
    const { options: own = {} } = before[id]!;
    if (isAlias(document.getIn(place, true)))
      document.setIn(place, document.createNode(before[id], WRITTEN_OUT));
    const node = document.getIn([...place, "options"], true);
    if (node === undefined || isAlias(node))
      document.setIn([...place, "options"], document.createNode(own, WRITTEN_OUT));
    for (const [name, value] of Object.entries(options))
      document.setIn(
        [...place, "options", name],
        isPlain(value) ? value : document.createNode(value, { ...WRITTEN_OUT, flow: true }),
      );
    document.setIn([...place, "tuning"], tuningNode(document, tuning));
  }
  for (const [id, model] of Object.entries(before)) {
    const { options, tuning } = tuned[id] ?? {};
    const intended = options ? { ...model, options: { ...model.options, ...options }, tuning } : model;
    if (canonicalJson(modelsIn(String(document))[id]) !== canonicalJson(intended))
      document.setIn(["models", id], document.createNode(intended, WRITTEN_OUT));
  }
  return written(document);
}

/** A scalar takes another's place with its comment. */
const isPlain = (value: unknown): boolean => typeof value !== "object" || value === null;

/** A line for each fact and for each trial. */
function tuningNode(document: Document, tuning: Tuning) {
  const node = document.createNode(tuning, WRITTEN_OUT);
  visit(node, {
    Map(_key, map, path) {
      const inRungs = path.some((above) => isPair(above) && String(above.key) === "rungs");
      const isTrial = inRungs && map.has("trial");
      map.flow = path.length > 1 && (!inRungs || isTrial);
    },
    Seq(_key, list, path) {
      const above = path.at(-1);
      list.flow = !(isPair(above) && ["rungs", "values"].includes(String(above.key)));
    },
  });
  return node;
}

const suiteShape = z.looseObject({
  models: z.record(z.string(), z.looseObject({ options: z.record(z.string(), z.unknown()).optional() })),
});

const modelsIn = (text: string) => suiteShape.parse(parseDocument(text, { merge: true }).toJS()).models;
