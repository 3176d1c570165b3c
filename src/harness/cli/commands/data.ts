import { BenchError } from "../../../core/errors.ts";
import { knownWords } from "../../../core/suggest.ts";
import { type Flags, text } from "../arguments.ts";
import { command } from "../command.ts";

const actions = ["list", "fetch", "verify"] as const;

export const dataFlags = {
  cache: {
    kind: "value",
    value: "DIR",
    describe: "where downloads are kept; $BENCH_CACHE by default",
    parse: text,
  },
  json: { kind: "switch", describe: "print one JSON array" },
  quiet: { kind: "switch", describe: "no progress on stderr" },
} as const satisfies Flags;

export const data = command({
  describe: "list datasets, fetch published ones, verify what is there",
  flags: dataFlags,
  positionals: {
    usage: "ACTION [DATASET...]",
    describe: "list; fetch NAME... downloads; verify DATASET... checks files, e.g. mnist or idx:DIR",
    least: 1,
    most: Number.POSITIVE_INFINITY,
  },
  async run({ flags, positionals: [given, ...names] }, io) {
    const action = actions.find((action) => action === given);
    if (!action) throw new BenchError("USAGE", `data cannot "${given}"${knownWords(given!, actions)}`);
    if (action === "list" && names.length > 0) throw new BenchError("USAGE", "data list takes no dataset");
    if (action !== "list" && names.length === 0)
      throw new BenchError("USAGE", `data ${action} needs a dataset; see \`bench data list\``);
    const { dataActions } = await import("../data.ts");
    return dataActions[action](names, flags, io);
  },
});
