import { command } from "../command.ts";
import { printJson, printLine } from "../io.ts";
import { formatTable } from "../table.ts";

export const doctor = command({
  describe: "try every engine and say which a run would take, and why not the others",
  flags: {
    "allow-software-gpu": { kind: "switch", describe: "count GPUs that are emulated on the processor" },
    json: { kind: "switch", describe: "print one JSON object" },
  },
  async run({ flags }, io) {
    const { examineLadder, probeInChild } = await import("../../../engine/choice/index.ts");
    const { ladder } = await import("../../../engine/choice/rungs.ts");
    const { childArguments } = await import("../../run/parts.ts");
    const { environment } = await import("../../run/environment.ts");
    const rungs = await examineLadder(
      { device: "auto", engine: "auto", allowSoftwareGpu: flags["allow-software-gpu"] },
      probeInChild(process.execPath, [...childArguments(), io.entry]),
    );
    const onlyNamed = (engine: string, provider: string) =>
      ladder.some((rung) => rung.engine === engine && rung.provider === provider && rung.onlyNamed === true);
    const taken = rungs.find(({ usable, engine, provider }) => usable && !onlyNamed(engine, provider));
    if (flags.json) {
      printJson(io, {
        environment: environment(),
        taken: taken && `${taken.engine}/${taken.provider}`,
        rungs,
      });
      return 0;
    }
    const { harness, node, platform, arch, cpu, cores, memoryGiB } = environment();
    printLine(
      io,
      `harness ${harness}, Node ${node}, ${platform}-${arch}, ${cpu}, ${cores} cores, ${memoryGiB} GiB\n`,
    );
    const verdict = (rung: (typeof rungs)[number]) => {
      if (rung === taken) return "taken";
      if (!rung.usable) return "refused";
      return onlyNamed(rung.engine, rung.provider) ? "by name only" : "usable";
    };
    const samplesIn = ({ provider, samplesIn = [] }: (typeof rungs)[number]) =>
      samplesIn
        .map((name) => (name !== "float32" && provider === "cpu" ? `${name} (emulated)` : name))
        .join(", ");
    printLine(
      io,
      formatTable(
        [
          { title: "engine" },
          { title: "provider" },
          { title: "" },
          { title: "samples in" },
          { title: "device, or why not" },
        ],
        rungs.map((rung) => [
          rung.engine,
          rung.provider,
          verdict(rung),
          samplesIn(rung),
          rung.usable
            ? [rung.device?.model ?? "", ...(rung.cannotSample ? [`not in ${rung.cannotSample}`] : [])].join(
                "\n",
              )
            : [rung.reason, ...(rung.enable ? [`to enable: ${rung.enable}`] : [])].join("\n"),
        ]),
      ),
    );
    return 0;
  },
});
