/** Joins the shards of a run into one run folder, equal to that of the undivided run. */
import { readdir, readFile, realpath, rename, rm, rmdir, stat } from "node:fs/promises";
import { join, resolve, sep } from "node:path";
import { BenchError, badRunFolder, messageOf } from "../../../core/errors.ts";
import { hashOf, sha256 } from "../../../core/hash.ts";
import { type FileEntry, filesIn, isRunPath, type Run } from "../../record/index.ts";
import type { Stage } from "../../stages/contract.ts";
import {
  acquireLock,
  appendCell,
  checkRunFolder,
  clearRunFolder,
  createRunFolder,
  MERGING,
  RUN_FILE,
  startCells,
  sweepRunFolder,
  writeAtomic,
  writeRun,
} from "../../store/index.ts";
import { suiteSchema } from "../../suite/index.ts";
import { commonKinds, type HashedCell, hashCells, planCells, planRecord } from "../plan.ts";
import { checkShards, mismatches, type ShardFolder } from "./check.ts";

export interface Merge {
  readonly shards: readonly ShardFolder[];
  /** Absolute path of the folder to write. */
  readonly out: string;
  /** Replaces a run in `out`. */
  readonly force: boolean;
  /** Joins shards although their numbers do not compare, and records why they do not. */
  readonly allowMismatch: boolean;
  readonly stages: readonly Stage[];
}

/**
 * Writes the run folder without its report. It is built within `out` and takes its place once it is whole: until then a run
 * that is replaced stays. @throws BAD_RUN_FOLDER for shards that are not the parts of one run,
 * NOT_COMPARABLE for those of different engines, devices or judges, OUTPUT_EXISTS.
 */
export async function mergeShards({ shards: given, out, force, allowMismatch, stages }: Merge): Promise<Run> {
  const shards = checkShards(given);
  const [{ run: first }] = shards as [ShardFolder];
  const plan = hashCells(planCells(stages, suiteSchema.parse(first.config)), first);
  const kinds = commonKinds(stages);
  const common = new Set(plan.filter(({ kind }) => kinds.has(kind)).map(({ id }) => id));
  const chosen = plan.map((cell) => choose(cell, shards, common));
  const differing = mismatches(shards, common);
  if (differing.length > 0 && !allowMismatch)
    throw new BenchError(
      "NOT_COMPARABLE",
      `${differing.join("; ")}. Run the shards on machines that are alike, or give --allow-mismatch, which marks the report.`,
    );
  const mode = force ? "force" : "new";
  await checkRunFolder(out, mode);
  const existed = (await stat(out).catch(() => undefined)) !== undefined;
  await createRunFolder(out);
  const lock = await acquireLock(out);
  const building = join(out, MERGING);
  try {
    await sweepRunFolder(out);
    const run = mergedRun(shards, plan, differing);
    await writeRun(building, run);
    await startCells(building);
    for (const { shard, cell } of chosen) {
      if (cell.state === "done") for (const file of filesIn(cell.record)) await copy(shard, file, building);
      await appendCell(building, cell);
    }
    if (force) await clearRunFolder(out, MERGING);
    await writeRun(out, { ...run, state: "running" }); // killed from here on, it is a run that --force replaces
    const parts = (await readdir(building)).filter((name) => name !== RUN_FILE);
    for (const part of [...parts, RUN_FILE]) await rename(join(building, part), join(out, part));
    await rmdir(building);
    return run;
  } catch (error) {
    await rm(building, { recursive: true, force: true });
    throw error;
  } finally {
    await lock.release();
    if (!existed) await rmdir(out).catch(() => {}); // empty after a merge that failed, else it stays
  }
}

/** The cell of the first shard that has it done, or else of the first that has it. */
function choose(planned: HashedCell, shards: readonly ShardFolder[], common: ReadonlySet<string>) {
  const { id, configHash } = planned;
  const found = shards.flatMap((shard) => {
    const cell = shard.cells.find((candidate) => candidate.id === id);
    return cell ? [{ shard, cell }] : [];
  });
  const chosen = found.find(({ cell }) => cell.state === "done") ?? found[0];
  if (!chosen)
    throw badRunFolder(
      `none of the shards has ${id}, which this version of the harness plans. Merge with the version that ran them.`,
    );
  const other = found.find(({ cell }) => cell.configHash !== configHash);
  if (other)
    throw badRunFolder(
      `${id} of ${other.shard.name} was run with other settings than this version of the harness plans. Merge with ` +
        "the version that ran it.",
    );
  if (found.length > 1 && !common.has(id))
    throw badRunFolder(
      `${id} is in ${found.map(({ shard }) => shard.name).join(" and ")}: the shards overlap. They were divided by ` +
        "different versions of the harness; run them again with one.",
    );
  return chosen;
}

function mergedRun(shards: readonly ShardFolder[], plan: readonly HashedCell[], differing: string[]): Run {
  const runs = shards.map(({ run }) => run);
  const timed = runs.find((run) => run.plan.some(({ kind }) => kind === "latency")) ?? runs[0]!;
  const { shard: _, ...rest } = timed;
  return {
    ...rest,
    id: hashOf(runs.map(({ id }) => id)).slice(0, 16),
    state: "complete",
    startedAt: runs.map(({ startedAt }) => startedAt).toSorted()[0]!,
    finishedAt: runs
      .map(({ finishedAt, startedAt }) => finishedAt ?? startedAt)
      .toSorted()
      .at(-1)!,
    seconds: runs.reduce((sum, { seconds = 0 }) => sum + seconds, 0),
    plan: planRecord(plan),
    merged: {
      shards: runs.map(({ shard, id, startedAt, seconds = 0, environment, engine: { device } }) => ({
        index: shard!.index,
        id,
        startedAt,
        seconds,
        environment,
        device,
      })),
      mismatches: differing,
    },
  };
}

/** Copies a file that a shard's record names, from within the shard into the same place of `out`. */
async function copy({ folder, name }: ShardFolder, { path, sha256: expected }: FileEntry, out: string) {
  const damaged = (problem: string, cause?: unknown) =>
    badRunFolder(`${name}: ${path} ${problem}. Run the shard again.`, cause);
  const target = resolve(out, path);
  if (!isRunPath(path) || !target.startsWith(out + sep)) throw damaged("is not a file that a run writes");
  const source = await realpath(join(folder, path)).catch((cause: unknown) => {
    throw damaged(`cannot be read (${messageOf(cause)})`, cause);
  });
  if (!source.startsWith((await realpath(folder)) + sep)) throw damaged("is a link out of the shard");
  const bytes = await readFile(source).catch((cause: unknown) => {
    throw damaged(`cannot be read (${messageOf(cause)})`, cause);
  });
  if (sha256(bytes) !== expected) throw damaged("is not the file that was recorded");
  await writeAtomic(target, bytes);
}
