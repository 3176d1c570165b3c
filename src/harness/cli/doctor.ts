/** `bench doctor`: tries every engine, and says which one a run would take and why not the others. */

import { childArguments } from "../../core/child.ts";
import { examineLadder, probeInChild, type RungReport } from "../../engine/choice/index.ts";
import { ladder } from "../../engine/choice/rungs.ts";
import { environment } from "../run/environment.ts";
import { command } from "./command.ts";
import { toggle } from "./flags.ts";
import { printJson, printLine, printTable } from "./output.ts";

/** Whether a run takes the engine only where a flag names it. */
const onlyNamed = ({ engine, provider }: RungReport): boolean =>
  ladder.some((rung) => rung.engine === engine && rung.provider === provider && rung.onlyNamed === true);

export default command({
  flags: {
    "allow-software-gpu": toggle("count GPUs that are emulated on the processor"),
    json: toggle("print one JSON object"),
  },
  async run(flags, io) {
    const rungs = await examineLadder(
      { device: "auto", engine: "auto", allowSoftwareGpu: flags["allow-software-gpu"] },
      probeInChild(process.execPath, [...childArguments(), io.entry]),
    );
    const taken = rungs.find((rung) => rung.usable && !onlyNamed(rung));
    const machine = environment();
    if (flags.json) {
      printJson(io, { environment: machine, taken: taken && `${taken.engine}/${taken.provider}`, rungs });
      return 0;
    }
    const { harness, node, platform, arch, cpu, cores, memoryGiB } = machine;
    printLine(
      io,
      `harness ${harness}, Node ${node}, ${platform}-${arch}, ${cpu}, ${cores} cores, ${memoryGiB} GiB\n`,
    );
    printTable(
      io,
      ["engine", "provider", "", "samples in", "device, or why not"],
      rungs.map((rung) => [
        rung.engine,
        rung.provider,
        rung === taken ? "taken" : !rung.usable ? "refused" : onlyNamed(rung) ? "by name only" : "usable",
        precisionsOf(rung),
        explanationOf(rung).join("\n"),
      ]),
    );
    return 0;
  },
});

function precisionsOf({ provider, samplesIn = [] }: RungReport): string {
  const emulated = (name: string) => name !== "float32" && provider === "cpu";
  return samplesIn.map((name) => (emulated(name) ? `${name} (emulated)` : name)).join(", ");
}

function explanationOf({ usable, device, cannotSample, reason, enable }: RungReport): string[] {
  if (usable) return [device?.model ?? "", ...(cannotSample ? [`not in ${cannotSample}`] : [])];
  return [reason, ...(enable ? [`to enable: ${enable}`] : [])];
}
