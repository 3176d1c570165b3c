/** Whether shards are the parts of one run, each there once: a merge that guesses joins numbers that do not compare. */
import { BenchError } from "../../core/errors.ts";
import type { Cell, Run, RunRecords } from "../record/index.ts";
import { differences } from "../run/resume.ts";
import { canonicalJson } from "../suite/index.ts";

export interface ShardFolder extends RunRecords {
  /** As the user named it. */
  readonly name: string;
  /** Absolute path. */
  readonly folder: string;
}

type Part = NonNullable<Run["shard"]>;

const partOf = ({ name, run }: ShardFolder): Part => {
  if (run.shard) return run.shard;
  throw new BenchError("BAD_RUN_FOLDER", `${name} is no shard: it was run without --shard. Leave it out.`);
};

const shown = ({ index, count }: Part): string => `${index}/${count}`;

/** The shards in order of their index. @throws BAD_RUN_FOLDER naming what is foreign, unfinished, twice there or missing. */
export function checkShards(shards: readonly ShardFolder[]): ShardFolder[] {
  const refuse = (message: string) => new BenchError("BAD_RUN_FOLDER", message);
  const first = shards[0]!;
  const { count } = partOf(first);
  for (const shard of shards) {
    const part = partOf(shard);
    if (part.count !== count)
      throw refuse(
        `${shard.name} is shard ${shown(part)} and ${first.name} is ${shown(partOf(first))}: they are parts of ` +
          "different divisions. Give the shards of one.",
      );
    const foreign = differences(identity(first.run), identity(shard.run));
    if (foreign.length > 0)
      throw refuse(
        `${shard.name} is not a part of the run that ${first.name} is of: ${foreign.join("; ")}. Leave it out, or run ` +
          "it again as the others.",
      );
    if (shard.run.state !== "complete")
      throw refuse(
        `${shard.name}, shard ${shown(part)}, is ${shard.run.state}: ${shard.cells.length} of ` +
          `${shard.run.plan.length} cells are there. Finish it with bench run --resume --out ${shard.name}.`,
      );
  }
  const byIndex = new Map<number, ShardFolder>();
  for (const shard of shards) {
    const { index } = partOf(shard);
    const other = byIndex.get(index);
    if (other)
      throw refuse(`${other.name} and ${shard.name} are both shard ${index}/${count}. Leave one out.`);
    byIndex.set(index, shard);
  }
  const wanted = Array.from({ length: count }, (_, i) => i + 1);
  const missing = wanted.filter((index) => !byIndex.has(index)).map((index) => `${index}/${count}`);
  if (missing.length > 0)
    throw refuse(
      `${missing.length === 1 ? "shard" : "shards"} ${missing.join(", ")} of the run ${missing.length === 1 ? "is" : "are"} ` +
        "missing. Run them, and name their folders too.",
    );
  return wanted.map((index) => byIndex.get(index)!);
}

/** What all parts of one run have in common. */
const identity = ({ config, configHash, dataset, environment }: Run) => ({
  config,
  configHash,
  dataset: dataset.hash,
  harness: environment.harness,
});

/** Where numbers of these shards do not compare, in words: other engines or devices, another judge. */
export function mismatches(shards: readonly ShardFolder[], common: ReadonlySet<string>): string[] {
  const [first, ...others] = shards as [ShardFolder, ...ShardFolder[]];
  const places = others.flatMap((shard) =>
    differences(place(first.run), place(shard.run)).map(
      (difference) => `${shard.name} against ${first.name}: ${difference}`,
    ),
  );
  return [...places, ...[...common].flatMap((id) => differently(id, shards))];
}

const place = ({ engine: { name, provider, device, runtime, precision }, environment }: Run) => ({
  engine: `${name}/${provider}`,
  precision: precision ?? "float32",
  runtime,
  device: device.model,
  threads: device.threads ?? "",
  cores: environment.cores,
  node: environment.node.split(".")[0],
});

/** A cell that several shards computed must have one result, the time it took aside. */
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
