/** The command lines of this project in the scripts of a workflow. */

export interface Workflow {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly on: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

export interface Job {
  readonly "runs-on": string;
  readonly "timeout-minutes"?: number;
  readonly needs?: string | readonly string[];
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly unknown[]>> };
  readonly steps: readonly Step[];
}

export interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** Each `bench` command of a script, as words after `bench`; ${{ matrix.x }} becomes the given value, $x a word. */
export function benchCommands(script: string, matrix: Readonly<Record<string, unknown>> = {}): string[][] {
  const filled = script.replace(/\$\{\{\s*matrix\.(\w+)\s*\}\}/g, (_, key: string) => String(matrix[key]));
  return filled
    .split("\n")
    .flatMap((line) => line.split(/&&|\|\||;/))
    .map((command) => /^\s*(?:then\s+|else\s+)?(?:npx\s+)?bench\s+(.*)$/.exec(command)?.[1])
    .filter((rest) => rest !== undefined)
    .map(shellWords);
}

/** Words as a shell would split them, variables left as they are written. */
export function shellWords(text: string): string[] {
  return [...text.matchAll(/(?:"([^"]*)"|'([^']*)'|([^\s"']+))+/g)].map(([word]) =>
    word.replace(/"([^"]*)"|'([^']*)'/g, (_, double: string | undefined, single: string) => double ?? single),
  );
}

/** Every command of a job, once for each value of its matrix. */
export function commandsOf({ strategy, steps }: Job): string[][] {
  const [[key, values] = ["", [undefined]]] = Object.entries(strategy?.matrix ?? {});
  return values.flatMap((value) =>
    steps.flatMap(({ run }) => (run ? benchCommands(run, { [key]: value }) : [])),
  );
}
