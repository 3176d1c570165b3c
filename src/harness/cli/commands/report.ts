import { join, relative, resolve } from "node:path";
import { BenchError } from "../../../core/errors.ts";
import { command } from "../command.ts";
import { printJson, printLine } from "../io.ts";

export const report = command({
  describe: "rebuild report.html and the CSV files from a run folder",
  flags: { json: { kind: "switch", describe: "print the paths as one JSON object" } },
  positionals: { usage: "RUN", describe: "run folder, as `bench run --out` wrote it", least: 1, most: 1 },
  async run({ flags, positionals }, io) {
    const folder = resolve(io.cwd, positionals[0]!);
    const { refuseIfLocked } = await import("../../store/lock.ts");
    const { readRun } = await import("../../record/index.ts");
    const { decide, writeReport } = await import("../../report/index.ts");
    const { run, cells } = await readRun(folder);
    if (run.plan.length === 0)
      throw new BenchError("BAD_RUN_FOLDER", `${positionals[0]} has no cells to report`);
    await refuseIfLocked(folder);
    const written = await writeReport(folder);
    for (const warning of written.warnings) io.stderr.write(`warning: ${warning}\n`);
    const decision = decide(run, cells);
    if (flags.json) printJson(io, { out: folder, state: run.state, ...written, decision });
    else {
      printLine(io, decision.headline);
      printLine(io, `report: ${join(relative(io.cwd, folder) || ".", "report.html")}`);
    }
    return 0;
  },
});
