/** Whether a run may go on: all of its numbers must come from one configuration, one data set and one machine. */
import { BenchError } from "../../core/errors.ts";
import type { Run } from "../record/index.ts";
import { canonicalJson } from "../suite/index.ts";

/** @throws BAD_CONFIG, BAD_DATA or NO_ENGINE naming what differs between the recorded run and what would continue it. */
export function checkContinues(recorded: Run, now: Run): void {
  if (recorded.configHash !== now.configHash)
    throw new BenchError(
      "BAD_CONFIG",
      `the run was started with another configuration: ${differences(recorded.config, now.config).join("; ")}. ` +
        "Resume without these flags, or start a new run with another --out.",
    );
  if (recorded.dataset.hash !== now.dataset.hash)
    throw new BenchError(
      "BAD_DATA",
      `${now.dataset.name} is not the data the run was started with (its sha256 differs). Restore it, or start a ` +
        "new run with another --out.",
    );
  if (canonicalJson(recorded.shard ?? null) !== canonicalJson(now.shard ?? null))
    throw new BenchError(
      "BAD_CONFIG",
      `the run is ${partOf(recorded)}, not ${partOf(now)}. Resume without --shard, or start a new run with another --out.`,
    );
  if (canonicalJson(recorded.plan) !== canonicalJson(now.plan))
    throw new BenchError(
      "BAD_RUN_FOLDER",
      `the run was planned by version ${recorded.environment.harness}, and version ${now.environment.harness} plans ` +
        "other cells. Resume with that version, or start a new run with another --out.",
    );
  const [before, after] = [recorded, now].map(
    ({ engine: { name, provider, device, precision }, environment }) => ({
      engine: `${name}/${provider}`,
      precision: precision ?? "float32",
      device: device.model,
      threads: device.threads ?? "",
      cores: environment.cores,
      node: environment.node.split(".")[0],
    }),
  );
  const other = differences(before, after);
  if (other.length > 0)
    throw new BenchError(
      "NO_ENGINE",
      `the run was started elsewhere: ${other.join("; ")}. Timings of one run must come from one place: resume there, ` +
        "or start a new run with another --out.",
    );
}

const partOf = ({ shard }: Run): string =>
  shard ? `shard ${shard.index}/${shard.count}` : "all of the plan";

/** `path: before -> after` of every leaf that differs. */
export function differences(before: unknown, after: unknown, path = ""): string[] {
  if (isTree(before) && isTree(after))
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) =>
      differences(before[key], after[key], path === "" ? key : `${path}.${key}`),
    );
  const [from, to] = [before, after].map((value) => (value === undefined ? "absent" : canonicalJson(value)));
  return from === to ? [] : [`${path} was ${from} and is ${to}`];
}

const isTree = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
