/** Checks that shards are the parts of one run, each there once, and finds where their numbers do not compare. */
import { badRunFolder } from "../../../core/errors.ts";
import { canonicalJson } from "../../../core/hash.ts";
import { type Cell, placeOf, type Run, type RunRecords } from "../../record/index.ts";
import { differences } from "../resume.ts";
import type { Shard } from "./divide.ts";

export interface ShardFolder extends RunRecords {
  /** As the user named it. */
  readonly name: string;
  /** Absolute path. */
  readonly folder: string;
}

const partOf = ({ name, run }: ShardFolder): Shard => {
  if (run.shard) return run.shard;
  throw badRunFolder(`${name} is no shard: it was run without --shard. Leave it out.`);
};

const shown = ({ index, count }: Shard): string => `${index}/${count}`;

/** The shards in order of their index. @throws BAD_RUN_FOLDER naming what is foreign, unfinished, there twice or missing */
export function checkShards(shards: readonly ShardFolder[]): ShardFolder[] {
  const first = shards[0]!;
  const { count } = partOf(first);
  const byIndex = new Map<number, ShardFolder>();
  for (const shard of shards) {
    const { name, run, cells } = shard;
    const part = partOf(shard);
    if (part.count !== count)
      throw badRunFolder(
        `${name} is shard ${shown(part)} and ${first.name} is ${shown(partOf(first))}: they are parts of ` +
          "different divisions. Give the shards of one.",
      );
    const foreign = differences(identity(first.run), identity(run));
    if (foreign.length > 0)
      throw badRunFolder(
        `${name} is not a part of the run that ${first.name} is of: ${foreign.join("; ")}. Leave it out, or run ` +
          "it again as the others.",
      );
    if (run.state !== "complete")
      throw badRunFolder(
        `${name}, shard ${shown(part)}, is ${run.state}: ${cells.length} of ${run.plan.length} cells are there. ` +
          `Finish it with bench run --resume --out ${name}.`,
      );
    const other = byIndex.get(part.index);
    if (other) throw badRunFolder(`${other.name} and ${name} are both shard ${shown(part)}. Leave one out.`);
    byIndex.set(part.index, shard);
  }
  const indices = Array.from({ length: count }, (_, i) => i + 1);
  const missing = indices.filter((index) => !byIndex.has(index)).map((index) => shown({ index, count }));
  if (missing.length > 0)
    throw badRunFolder(
      `${missing.length === 1 ? "shard" : "shards"} ${missing.join(", ")} of the run ${missing.length === 1 ? "is" : "are"} ` +
        "missing. Run them, and name their folders too.",
    );
  return indices.map((index) => byIndex.get(index)!);
}

/** What is equal in all parts of one run. */
const identity = ({ config, configHash, dataset, environment }: Run) => ({
  config,
  configHash,
  dataset: dataset.hash,
  harness: environment.harness,
});

/** Why numbers of these shards do not compare, in words: other engines, devices or software, another judge. */
export function mismatches(shards: readonly ShardFolder[], common: ReadonlySet<string>): string[] {
  const [first, ...others] = shards as [ShardFolder, ...ShardFolder[]];
  const places = others.flatMap((shard) =>
    differences(placeOf(first.run), placeOf(shard.run)).map(
      (difference) => `${shard.name} against ${first.name}: ${difference}`,
    ),
  );
  return [...places, ...[...common].flatMap((id) => differently(id, shards))];
}

/** Shards whose result of a cell that several computed differs from the first one's, its duration aside. */
function differently(id: string, shards: readonly ShardFolder[]): string[] {
  const results = shards.flatMap((shard) => {
    const cell = shard.cells.find((candidate) => candidate.id === id);
    return cell?.state === "done" ? [{ name: shard.name, result: canonicalJson(untimed(cell)) }] : [];
  });
  return results
    .filter(({ result }) => result !== results[0]!.result)
    .map(({ name }) => `${id} of ${name} is not that of ${results[0]!.name}, so their scores do not compare`);
}

function untimed({ record }: Extract<Cell, { state: "done" }>): unknown {
  return { ...record, ...("seconds" in record && { seconds: 0 }) };
}
