/** The files that an evaluation leaves: metrics.json, metrics.csv and metrics.html. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "csv-stringify/sync";
import { checkCreatable, unwritable } from "../../core/disk.ts";
import { BenchError } from "../../core/errors.ts";
import { publish } from "../checkpoints/files.ts";
import { page } from "./page.ts";
import type { EvaluationResult } from "./result.ts";

const files = ["metrics.json", "metrics.csv", "metrics.html"] as const;

/** Before any work: whether the files can be written. @throws OUTPUT_EXISTS, OUTPUT_UNWRITABLE */
export async function checkOutput(folder: string, force: boolean): Promise<void> {
  await checkCreatable(folder);
  if (force) return;
  for (const file of files)
    if (await stat(join(folder, file)).catch(() => undefined))
      throw new BenchError(
        "OUTPUT_EXISTS",
        `${join(folder, file)} exists. Replace it with --force, or choose another --out.`,
      );
}

/** Writes each file whole or not at all, and gives their names. @throws OUTPUT_UNWRITABLE */
export async function writeOutput(folder: string, result: EvaluationResult): Promise<readonly string[]> {
  const texts = [toJson(result), toCsv(result), page(result)];
  for (const [i, file] of files.entries())
    await publish(folder, file, Buffer.from(texts[i]!)).catch((cause: unknown) => {
      throw unwritable(join(folder, file), cause);
    });
  return files;
}

const toJson = (result: EvaluationResult): string => `${JSON.stringify(result, null, 2)}\n`;

const columns = [
  "metric",
  "value",
  "low",
  "high",
  "confidence",
  "better",
  "floor",
  "floor_n",
  "ceiling",
  "n_real",
  "n_generated",
  "features",
  "seed",
  "undefined_because",
] as const;

/** A row a metric, undefined ones with their reason and without a value. RFC 4180, full precision. */
export function toCsv({ metrics, undefined: without, ...result }: EvaluationResult): string {
  const common = {
    n_real: result.n.real,
    n_generated: result.n.generated,
    features: result.features.name,
    seed: result.seed,
  };
  const rows: Partial<Record<(typeof columns)[number], string | number>>[] = [
    ...Object.entries(metrics).map(
      ([metric, { value, interval, confidence, direction, floor, ceiling }]) => ({
        metric,
        value,
        ...(interval && { low: interval[0], high: interval[1], confidence: confidence! }),
        better: direction,
        ...(floor === undefined ? {} : { floor, floor_n: result.floor!.n.generated }),
        ceiling,
        ...common,
      }),
    ),
    ...without.map(({ metric, why }) => ({ metric, ...common, undefined_because: why })),
  ];
  return stringify(rows, {
    header: true,
    columns: [...columns],
    record_delimiter: "\n",
    cast: { number: (value) => String(value) },
  });
}
