/** `__probe`: tries one engine in a child process, which reports to its parent on stdout. No user types it. */
import { formatProbe, type ProbeOptions, probeHere, type RungId } from "../../engine/choice/index.ts";
import { command } from "./command.ts";
import { word } from "./flags.ts";

export default command({
  flags: {},
  positionals: {
    engine: word("engine"),
    provider: word("its provider"),
    precision: word("number format of sampling"),
    threads: { type: "string", describe: "processor threads" },
  },
  async run({ engine, provider, precision, threads }, io) {
    const rung = { engine, provider } as RungId;
    const options = { precision, threads: threads === undefined ? undefined : Number(threads) };
    io.stdout.write(formatProbe(await probeHere(rung, options as ProbeOptions)));
    return 0;
  },
});
