import { join, relative, resolve } from "node:path";
import { BenchError } from "../../../core/errors.ts";
import { text } from "../arguments.ts";
import { command } from "../command.ts";
import { printDecision } from "../decision.ts";
import { gravest } from "../exit.ts";
import { printJson, printLine } from "../io.ts";

export const merge = command({
  describe: "join the shards of a run into one run folder, and report",
  flags: {
    out: { kind: "value", value: "DIR", describe: "run folder to write", parse: text },
    force: { kind: "switch", describe: "replace the run in --out" },
    "allow-mismatch": {
      kind: "switch",
      describe: "join shards of different engines, devices or judges, and mark the report",
    },
    json: { kind: "switch", describe: "print the result as one JSON object" },
  },
  positionals: {
    usage: "SHARD...",
    describe: "folders that `bench run --shard` wrote, all of one run, in any order",
    least: 1,
    most: 10_000,
  },
  notes: "Cells that several shards computed for themselves must have come out equal.",
  async run({ flags, positionals }, io, parts) {
    if (flags.out === undefined) throw new BenchError("USAGE", "merge needs --out DIR, the folder to write");
    const { mergeShards } = await import("../../merge/index.ts");
    const { readRun } = await import("../../record/index.ts");
    const { decide, writeReport } = await import("../../report/index.ts");
    const shards = [];
    for (const name of positionals) {
      const folder = resolve(io.cwd, name);
      shards.push({ name, folder, ...(await readRun(folder)) });
    }
    const out = resolve(io.cwd, flags.out);
    const run = await mergeShards({
      shards,
      out,
      force: flags.force,
      allowMismatch: flags["allow-mismatch"],
      stages: await parts.stages(),
    });
    const written = await writeReport(out);
    for (const warning of [...run.merged!.mismatches, ...written.warnings])
      io.stderr.write(`warning: ${warning}\n`);
    const { cells } = await readRun(out);
    const failed = cells.filter(({ state }) => state === "failed").length;
    const code = gravest(failed > 0 ? [5] : []);
    const decision = decide(run, cells);
    const shown = relative(io.cwd, out) || ".";
    if (flags.json)
      printJson(io, {
        out,
        exitCode: code,
        merged: run.merged,
        report: written.html,
        csv: written.csv,
        decision,
      });
    else {
      printDecision(io, decision);
      printLine(
        io,
        `${shards.length} shards, ${cells.length} cells${failed > 0 ? `, ${failed} failed` : ""}`,
      );
      printLine(io, `report: ${join(shown, "report.html")}`);
    }
    return code;
  },
});
