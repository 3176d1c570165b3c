/** Help texts, made from the commands as data. */
import { type Flag, globalFlags } from "./arguments.ts";
import type { Command } from "./command.ts";

const WIDTH = 100;
const INDENT = "  ";

const summary =
  "GAN or diffusion, for this deployment? Trains both on the same data and measures what decides.";

/** Help of the whole command: its commands, and what holds for all of them. */
export function generalHelp(commands: Readonly<Record<string, Command>>): string {
  const rows = Object.entries(commands).flatMap(([name, { describe, positionals }]): [string, string][] =>
    describe === undefined ? [] : [[positionals ? `${name} ${positionals.usage}` : name, describe]],
  );
  const flags = { ...globalFlags, version: { kind: "switch", describe: "show the version" } } as const;
  return [
    summary,
    "Usage: bench COMMAND [flags]",
    `Commands (\`bench COMMAND --help\` says more):\n${definitions(rows)}`,
    `Flags:\n${flagLines(flags)}`,
    "Flags without a command are those of run. Results go to stdout, progress and errors to stderr.",
    "Exit codes: 0 fine; 1 internal error; 2 usage or bad input; 3 regression; 4 cannot compare; 5 a cell\n" +
      "failed or a metric vanished; 130 interrupted, what was finished is kept.",
  ].join("\n\n");
}

export function commandHelp(name: string, { describe, positionals, flags, notes }: Command): string {
  return [
    `Usage: bench ${[name, positionals?.usage, "[flags]"].filter(Boolean).join(" ")}`,
    ...(describe ? [describe] : []),
    ...(positionals ? [definitions([[positionals.usage, positionals.describe]])] : []),
    `Flags:\n${flagLines({ ...flags, ...globalFlags })}`,
    ...(notes ? [notes] : []),
  ].join("\n\n");
}

const flagLines = (flags: Readonly<Record<string, Flag>>): string =>
  definitions(
    Object.entries(flags).map(([name, flag]) => [
      flag.kind === "switch" ? `--${name}` : `--${name} ${flag.value}`,
      flag.describe,
    ]),
  );

/** Terms in one column, their meanings wrapped in the next. */
function definitions(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([term]) => term.length));
  const margin = `\n${" ".repeat(INDENT.length + width + 2)}`;
  return rows
    .map(([term, meaning]) => {
      const lines = wrap(meaning, WIDTH - INDENT.length - width - 2);
      return `${INDENT}${term.padEnd(width)}  ${lines.join(margin)}`;
    })
    .join("\n");
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
