/** Whether a run may be resumed: all of its numbers must come from one configuration, one data set and one place. */
import { differencesOf, differenceText } from "../../core/differences.ts";
import { BenchError, type ErrorCode } from "../../core/errors.ts";
import { canonicalJson } from "../../core/hash.ts";
import { placeOf, type Run } from "../record/index.ts";

/** @throws BAD_CONFIG, BAD_DATA, BAD_RUN_FOLDER or NO_ENGINE naming what differs from the recorded run */
export function checkContinues(recorded: Run, now: Run): void {
  const refusal = (code: ErrorCode, message: string) =>
    new BenchError(code, `${message}, or start a new run with another --out.`);
  if (recorded.configHash !== now.configHash)
    throw refusal(
      "BAD_CONFIG",
      `the run was started with another configuration: ${differences(recorded.config, now.config).join("; ")}. ` +
        "Resume without these flags",
    );
  if (recorded.dataset.hash !== now.dataset.hash)
    throw refusal(
      "BAD_DATA",
      `${now.dataset.name} is not the data the run was started with (its sha256 differs). Restore it, name with --dataset where it lies now`,
    );
  const judges = differences(recorded.judges ?? [], now.judges ?? []);
  if (judges.length > 0)
    throw refusal(
      "BAD_DATA",
      `the judges are not those the run was started with: ${judges.join("; ")}. Restore them`,
    );
  if (canonicalJson(recorded.shard ?? null) !== canonicalJson(now.shard ?? null))
    throw refusal("BAD_CONFIG", `the run is ${partOf(recorded)}, not ${partOf(now)}. Resume without --shard`);
  if (canonicalJson(recorded.plan) !== canonicalJson(now.plan))
    throw refusal(
      "BAD_RUN_FOLDER",
      `the run was planned by version ${recorded.environment.harness}, and version ${now.environment.harness} plans ` +
        "other cells. Resume with that version",
    );
  const other = differences(placeOf(recorded), placeOf(now));
  if (other.length > 0)
    throw refusal(
      "NO_ENGINE",
      `the run was started in another place: ${other.join("; ")}. All timings of a run must come from one machine with ` +
        "one set of software. Resume it with what it was started with",
    );
}

const partOf = ({ shard }: Run): string => (shard ? `shard ${shard.index}/${shard.count}` : "the whole plan");

/** `PATH was BEFORE and is AFTER` for every leaf that differs. */
export const differences = (before: unknown, after: unknown): string[] =>
  differencesOf(before, after).map(differenceText);
