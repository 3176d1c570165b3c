/** From a suite file and flags to the configuration of a run: validated, every default filled in, hashed. */
import { readFile } from "node:fs/promises";
import { relative } from "node:path";
import { LineCounter, parseDocument } from "yaml";
import { BenchError, messageOf } from "../../core/errors.ts";
import { knownWords } from "../../core/suggest.ts";
import { type ModelKind, models, samplers } from "../../models/index.ts";
import { parseDatasetSpec } from "../datasets/index.ts";
import { hashOf } from "./hash.ts";
import { parseOptions } from "./issues.ts";
import { locateSuite } from "./locate.ts";
import { type Override, override } from "./override.ts";
import { type ModelConfig, type SuiteConfig, suiteSchema } from "./schema.ts";

export interface ResolvedSuite {
  readonly config: SuiteConfig;
  /** sha256 (hex) of the configuration's canonical JSON. */
  readonly configHash: string;
}

/** The contents of suite NAME or FILE, not yet validated. @throws USAGE, BAD_CONFIG with line and column. */
export async function readSuite(suite: string, entry: string, cwd: string): Promise<unknown> {
  const file = locateSuite(suite, entry, cwd);
  const name = relative(cwd, file);
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new BenchError("USAGE", `suite file ${name} cannot be read: ${messageOf(cause)}`, { cause });
  });
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const error = document.errors[0];
  if (!error) return document.toJS();
  const { line, col } = lines.linePos(error.pos[0]);
  throw new BenchError("BAD_CONFIG", `${name}:${line}:${col}: ${error.message}`, { cause: error });
}

/**
 * The configuration that `suite` (any value, as read from a file) and the overrides make, in that order. `origin` names
 * the suite in messages. @throws BAD_CONFIG naming every option that is unknown or wrong, USAGE for an unknown dataset.
 */
export function resolveSuite(suite: unknown, overrides: readonly Override[], origin: string): ResolvedSuite {
  const raw = overrides.reduce((value, change) => override(value, change), suite);
  const parsed = parseOptions(suiteSchema, raw, origin);
  parseDatasetSpec(parsed.dataset.source);
  const config: SuiteConfig = {
    ...parsed,
    models: Object.fromEntries(
      Object.entries(parsed.models).map(([id, model]) => [id, resolveModel(id, model, origin)]),
    ),
  };
  return { config, configHash: hashOf(config) };
}

/** Options of a model with its kind's defaults. Size and channels are the dataset's, not options. */
function resolveModel(id: string, model: ModelConfig, origin: string): ModelConfig {
  const kinds: Readonly<Record<string, ModelKind>> = models;
  const bad = (message: string) => new BenchError("BAD_CONFIG", `${origin}: ${message}`);
  const kind = Object.hasOwn(kinds, model.type) ? kinds[model.type] : undefined;
  if (!kind)
    throw bad(`unknown type "${model.type}" in models.${id}${knownWords(model.type, Object.keys(kinds))}`);
  const schema = kind.schema.omit({ size: true, channels: true });
  const options = parseOptions(schema, model.options, origin, ["models", id, "options"]);
  const steps = typeof options.timesteps === "number" ? options.timesteps : Number.POSITIVE_INFINITY;
  for (const sweep of model.sampling) {
    if (kind.family === "gan")
      throw bad(`models.${id}.sampling: ${model.type} makes an image in one pass and has no samplers`);
    if (!Object.hasOwn(samplers, sweep.sampler))
      throw bad(
        `unknown sampler "${sweep.sampler}" in models.${id}.sampling${knownWords(sweep.sampler, Object.keys(samplers))}`,
      );
    const tooMany = sweep.steps.find((count) => count > steps);
    if (tooMany !== undefined)
      throw bad(`models.${id}.sampling: ${tooMany} steps, but ${id} was trained with ${steps} (timesteps)`);
  }
  return { ...model, options };
}
