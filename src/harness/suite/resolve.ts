/** From a suite file and flags to the configuration of a run: validated, every default filled in, hashed. */
import { readFile } from "node:fs/promises";
import { relative } from "node:path";
import { LineCounter } from "yaml";
import {
  allOrMistakes,
  asOneError,
  BenchError,
  badConfig,
  messageOf,
  usageError,
} from "../../core/errors.ts";
import { hashOf } from "../../core/hash.ts";
import { knownWords } from "../../core/suggest.ts";
import { givenOptions, type ModelKind, models } from "../../models/index.ts";
import { parseDatasetSpec } from "../datasets/index.ts";
import { badOptions, parseOptions } from "./issues.ts";
import { isSuiteFile, locateSuite } from "./locate.ts";
import { type Override, override, valueAt } from "./override.ts";
import { meets, nowhere, type Origin, placed, placesIn, withoutOverridden } from "./places.ts";
import { type ModelConfig, type SuiteConfig, suiteSchema } from "./schema.ts";
import { readYaml } from "./yaml.ts";

/** Suite NAME or FILE, not yet validated, and the places of its options. @throws USAGE, BAD_CONFIG with line and column */
export async function openSuite(
  suite: string,
  entry: string,
  cwd: string,
): Promise<{ value: unknown; origin: Origin; file: string; text: string }> {
  const file = locateSuite(suite, entry, cwd);
  const name = relative(cwd, file);
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw usageError(`suite file ${name} cannot be read: ${messageOf(cause)}`, cause);
  });
  const text = suiteText(bytes, name);
  const lines = new LineCounter();
  const { document, value } = readYaml(text, {
    lineCounter: lines,
    refuse(problem, at, cause) {
      const { line, col } = lines.linePos(at ?? 0);
      return badConfig(`${at === undefined ? name : `${name}:${line}:${col}`}: ${problem}`, cause);
    },
  });
  const title = `suite ${suite}`; // the user cannot mend the file of a suite that comes with the harness
  const origin = isSuiteFile(suite) ? placesIn(document, lines, name, title) : nowhere(title);
  return { value, origin, file, text };
}

/** Most bytes of a suite's file, some ten times as many as the longest that a search has written. */
const MOST_BYTES = 2 ** 18;

function suiteText(bytes: Uint8Array, name: string): string {
  if (bytes.length > MOST_BYTES)
    throw badConfig(
      `${name}: ${bytes.length} bytes, and a suite has at most ${MOST_BYTES}; give a suite's file`,
    );
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw badConfig(`${name}: is not UTF-8 text; save it as UTF-8`, cause);
  }
}

/** Who states what: an option that nobody states gives way to the data, one that a flag states never does (adapt.ts). */
export interface Stated {
  /** Whether the suite or a flag states the option at `path`. */
  anywhere(path: readonly string[]): boolean;
  /** Whether a flag states it, wholly or in part. */
  byFlag(path: readonly string[]): boolean;
  /** Edge of the images that the suite's own numbers are for. */
  readonly size: number;
}

/**
 * The configuration that `suite` (any value, as read from a file) and the overrides make, in that order. `origin` names
 * the suite in messages. @throws BAD_CONFIG naming every option that is unknown or wrong, USAGE for an unknown dataset.
 */
export function resolveSuite(suite: unknown, overrides: readonly Override[], from: Origin | string) {
  const origin = withoutOverridden(typeof from === "string" ? nowhere(from) : from, overrides);
  const raw = overrides.reduce((value, change) => override(value, change), suite);
  refuseOddNames(raw, origin);
  const errors: BenchError[] = [];
  const attempt = <T>(work: () => T): T | undefined => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof BenchError)) throw error;
      errors.push(error);
      return undefined;
    }
  };
  const parsed = attempt(() => parseOptions(suiteSchema, raw, origin));
  const source = parsed?.dataset.source ?? valueAt(raw, ["dataset", "source"]);
  if (typeof source === "string") attempt(() => checkDataset(source, origin));
  const given = parsed?.models ?? soundModels(raw);
  const resolved = Object.entries(given).flatMap(([id, model]) => {
    const whole = attempt(() => resolveModel(id, model, given, origin));
    return whole ? [[id, whole] as const] : [];
  });
  if (errors.length > 0 || !parsed) throw asOneError(errors);
  const config: SuiteConfig = { ...parsed, models: Object.fromEntries(resolved) };
  const ownSize = valueAt(suite, ["dataset", "size"]);
  const stated: Stated = {
    anywhere: (path) => valueAt(raw, path) !== undefined,
    byFlag: (path) => overrides.some((change) => meets(path, change.path)),
    size: typeof ownSize === "number" ? ownSize : suiteSchema.shape.dataset.parse({}).size,
  };
  return {
    config,
    /** sha256 (hex) of the configuration's canonical JSON. */
    configHash: hashOf(config),
    /** Places of the options that no override replaces. */
    origin,
    stated,
  };
}

/** Most levels of lists and options within each other; a suite has ten. */
const MOST_LEVELS = 50;

/** Validation would drop an option of this name without a word, and cannot follow any depth. @throws BAD_CONFIG */
function refuseOddNames(value: unknown, origin: Origin, path: readonly string[] = []): void {
  if (typeof value !== "object" || value === null) return;
  if (path.length > MOST_LEVELS)
    throw badOptions([{ path, message: `the suite nests more than ${MOST_LEVELS} levels deep` }], origin);
  for (const [key, inner] of Object.entries(value)) {
    const at = [...path, key];
    if (key === "__proto__")
      throw badOptions(
        [{ path: at, message: `unknown option "__proto__" in ${path.join(".") || "the suite"}` }],
        origin,
      );
    refuseOddNames(inner, origin, at);
  }
}

/** The models that are well formed in a suite that is not, so that mistakes in their options are told with the others. */
function soundModels(raw: unknown): SuiteConfig["models"] {
  const given = valueAt(raw, ["models"]);
  if (typeof given !== "object" || given === null) return {};
  return Object.fromEntries(
    Object.entries(given).flatMap(([id, value]) => {
      const { success, data } = suiteSchema.shape.models.valueType.safeParse(value);
      return success ? [[id, data] as const] : [];
    }),
  );
}

/** @throws USAGE for an unknown dataset, with its place where the file names it */
function checkDataset(source: string, origin: Origin): void {
  try {
    parseDatasetSpec(source);
  } catch (error) {
    throw error instanceof BenchError ? placed(error, origin.at(["dataset", "source"])) : error;
  }
}

/** The model with its kind's defaults. Size, channels and labels are the dataset's, not options. */
function resolveModel(
  id: string,
  model: ModelConfig,
  all: SuiteConfig["models"],
  origin: Origin,
): ModelConfig {
  const kinds: Readonly<Record<string, ModelKind>> = models;
  const bad = (option: string, message: string) =>
    badOptions([{ path: ["models", id, option], message }], origin);
  const kind = Object.hasOwn(kinds, model.type) ? kinds[model.type] : undefined;
  if (!kind)
    throw bad(
      "type",
      `unknown type "${model.type}" in models.${id}${knownWords(model.type, Object.keys(kinds))}`,
    );
  const given = Object.keys(givenOptions).filter((name) => Object.hasOwn(kind.schema.shape, name));
  const schema = kind.schema.omit(
    Object.fromEntries(given.map((name) => [name, true])) as Record<string, never>,
  );
  const [options] = allOrMistakes([
    () => parseOptions(schema, model.options, origin, ["models", id, "options"]),
    () => {
      if (kind.onePass && (model.sampling.length > 0 || model.scoring))
        throw bad(
          "sampling",
          `models.${id}.sampling: ${model.type} makes an image in one pass and has no samplers`,
        );
      if (!kind.onePass && !kind.freelySampled && model.sampling.length === 0)
        throw bad(
          "sampling",
          `models.${id}.sampling is missing: say how ${model.type} is sampled, e.g. [{ sampler: ddim, steps: [1, 2, 4] }]`,
        );
    },
    () => {
      const problem = teacherProblem(model, kind, all);
      if (problem !== undefined) throw bad("teacher", `models.${id}.teacher${problem}`);
    },
  ]);
  const sampling =
    kind.freelySampled && model.sampling.length === 0 ? usualSampling(options!) : model.sampling;
  return { ...model, options: options!, sampling };
}

/** How a model that takes any sampler is sampled where the suite does not say: DDIM in 50 steps, or in all that there are. */
function usualSampling({ timesteps }: { timesteps?: unknown }): ModelConfig["sampling"] {
  const steps = typeof timesteps === "number" ? Math.min(50, timesteps) : 50;
  return [{ sampler: "ddim", steps: [steps], options: {} }];
}

/** A distilled kind needs a teacher among the models, every other kind refuses one; a teacher has none itself. */
function teacherProblem(
  { teacher, type }: ModelConfig,
  { distilled = false }: ModelKind,
  models: SuiteConfig["models"],
): string | undefined {
  if (!distilled) return teacher === undefined ? undefined : `: ${type} learns from data alone; leave it out`;
  if (teacher === undefined)
    return ` is missing: ${type} learns from a trained model; name one of the suite's`;
  if (!Object.hasOwn(models, teacher))
    return `: no model "${teacher}"${knownWords(teacher, Object.keys(models))}`;
  const above = models[teacher]!.teacher;
  return above === undefined ? undefined : `: ${teacher} is distilled itself; name its teacher ${above}`;
}
