import { BenchError } from "../../../core/errors.ts";
import { knownWords } from "../../../core/suggest.ts";
import { command } from "../command.ts";
import { printJson, printLine } from "../io.ts";
import type { Registry } from "../registries.ts";
import { formatTable } from "../table.ts";

const kinds = [
  "suites",
  "datasets",
  "models",
  "schedules",
  "samplers",
  "objectives",
  "losses",
  "metrics",
  "stages",
  "schema",
] as const;

export const list = command({
  describe: "print what the harness knows",
  flags: { json: { kind: "switch", describe: "print one JSON array" } },
  positionals: { usage: "WHAT", describe: kinds.join(", "), least: 1, most: 1 },
  notes: "`bench list schema` prints the JSON Schema of suite files, for editors.",
  async run({ flags, positionals }, io, parts) {
    const kind = kinds.find((kind) => kind === positionals[0]);
    if (!kind)
      throw new BenchError(
        "USAGE",
        `list cannot show "${positionals[0]}"${knownWords(positionals[0]!, kinds)}`,
      );
    if (kind === "schema") {
      const { suiteJsonSchema } = await import("../../suite/json-schema.ts");
      printJson(io, suiteJsonSchema());
      return 0;
    }
    const { registries } = await import("../registries.ts");
    const registry: Registry = registries[kind];
    const entries = await registry(io, parts);
    if (flags.json) {
      printJson(io, entries);
      return 0;
    }
    const columns = Object.keys(entries[0] ?? {}).filter((key) => key !== "options");
    printLine(
      io,
      formatTable(
        columns.map((title) => ({ title })),
        entries.map((entry) => columns.map((column) => String(entry[column] ?? ""))),
      ),
    );
    for (const { name, options } of entries) {
      if (!options || options.length === 0) continue;
      printLine(io, `\noptions of ${name}:`);
      printLine(
        io,
        formatTable(
          [{ title: "option" }, { title: "default" }, { title: "meaning" }],
          options.map((option) => [option.name, option.default, option.meaning]),
        ),
      );
    }
    return 0;
  },
});
