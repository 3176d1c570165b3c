/** `bench merge`: joins the shards of a run into one run folder, and reports. */
import { join, resolve } from "node:path";
import { readRun } from "../record/index.ts";
import { decide, writeReport } from "../report/index.ts";
import { mergeShards } from "../run/shards/merge.ts";
import { command } from "./command.ts";
import { required, text, toggle, value, words } from "./flags.ts";
import { printDecision, printJson, printLine, shownPath } from "./output.ts";

export default command({
  flags: {
    out: required(value("DIR", "run folder to write", text)),
    force: toggle("replace the run in --out"),
    "allow-mismatch": toggle("join shards of different engines, devices or judges, and mark the report"),
    json: toggle("print the result as one JSON object"),
  },
  positionals: { shard: words("folders that `bench run --shard` wrote, all of one run, in any order") },
  notes: "Cells that several shards computed must have equal results.",
  async run(flags, io, rooms) {
    const shards = [];
    for (const name of flags.shard) {
      const folder = resolve(io.cwd, name);
      shards.push({ name, folder, ...(await readRun(folder)) });
    }
    const out = resolve(io.cwd, flags.out);
    const run = await mergeShards({
      shards,
      out,
      force: flags.force,
      allowMismatch: flags["allow-mismatch"],
      stages: await rooms.stages(),
    });
    const { html: report, csv, warnings } = await writeReport(out);
    for (const warning of [...run.merged!.mismatches, ...warnings]) io.stderr.write(`warning: ${warning}\n`);
    const { cells } = await readRun(out);
    const failed = cells.filter(({ state }) => state === "failed").length;
    const exitCode = failed > 0 ? 5 : 0;
    const decision = decide(run, cells);
    if (flags.json) printJson(io, { out, exitCode, merged: run.merged, report, csv, decision });
    else {
      printDecision(io, decision);
      const failures = failed > 0 ? `, ${failed} failed` : "";
      printLine(io, `${shards.length} shards, ${cells.length} cells${failures}`);
      printLine(io, `report: ${join(shownPath(io, out), "report.html")}`);
    }
    return exitCode;
  },
});
