/** From a suite file and flags to the configuration of a run: validated, every default filled in, hashed. */
import { readFile } from "node:fs/promises";
import { relative } from "node:path";
import { LineCounter, parseDocument } from "yaml";
import { BenchError, messageOf } from "../../core/errors.ts";
import { type ModelKind, models, samplers } from "../../models/index.ts";
import { parseDatasetSpec } from "../datasets/index.ts";
import { hashOf } from "./hash.ts";
import { parseOptions } from "./issues.ts";
import { locateSuite } from "./locate.ts";
import { type Override, override } from "./override.ts";
import { type ModelConfig, type SuiteConfig, suiteSchema } from "./schema.ts";
import { knownWords } from "./suggest.ts";

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
  const { size, channels } = parsed.dataset;
  const config = {
    ...parsed,
    models: Object.fromEntries(
      Object.entries(parsed.models).map(([id, model]) => [
        id,
        resolveModel(model, { size, channels }, origin, ["models", id]),
      ]),
    ),
  };
  for (const [id, model] of Object.entries(config.models))
    checkSweeps(model, model.sampling, origin, `models.${id}`);
  return { config, configHash: hashOf(config) };
}

/** Options of a model with its kind's defaults. Size and channels are the dataset's and not options. */
function resolveModel(
  model: ModelConfig,
  image: { size: number; channels: number },
  origin: string,
  at: string[],
): ModelConfig {
  const kinds: Readonly<Record<string, ModelKind>> = models;
  const kind = Object.hasOwn(kinds, model.type) ? kinds[model.type] : undefined;
  if (!kind)
    throw new BenchError(
      "BAD_CONFIG",
      `${origin}: unknown type "${model.type}" in ${at.join(".")}${knownWords(model.type, Object.keys(kinds))}`,
    );
  const { size: _size, channels: _channels, ...shape } = kind.schema.shape;
  const schema = kind.schema.omit({ size: true, channels: true } as Record<string, true>);
  void shape;
  const options = parseOptions(schema, model.options, origin, [...at, "options"]);
  kind.create({ ...options, ...image });
  return { ...model, options };
}
