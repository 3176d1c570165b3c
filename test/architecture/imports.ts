/** Who imports whom, read from the text of import statements: type-only, dynamic and re-exporting ones too. */
import { posix } from "node:path";

export interface Import {
  readonly specifier: string;
  /** `lazy`: `import()`, loaded when reached; `type`: gone at run time. */
  readonly kind: "static" | "lazy" | "type";
}

const comment = /\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm;
const statement = /^\s*(?:import|export)\s+(type\s)?(?:[\w$*{}\s,]+?\sfrom\s*)?["']([^"'\n]+)["']/gm;
const expression = /\bimport\(\s*["']([^"'\n]+)["']\s*\)/g;

export function importsOf(text: string): Import[] {
  const code = text.replace(comment, "");
  return [
    ...[...code.matchAll(statement)].map(
      ([, type, specifier]): Import => ({
        specifier: specifier!,
        kind: type ? "type" : "static",
      }),
    ),
    ...[...code.matchAll(expression)].map(
      ([, specifier]): Import => ({ specifier: specifier!, kind: "lazy" }),
    ),
  ];
}

/** Path of what a relative specifier names, from the path of the file that holds it. */
export const target = (file: string, specifier: string): string => posix.join(posix.dirname(file), specifier);

const foundations = ["src/models/nn/", "src/models/contract.ts", "src/models/config.ts"];

/** Each room by its path, the first match counting, with what it may import besides itself. */
export const rooms: readonly { room: string; may: readonly string[] }[] = [
  { room: "src/core/", may: [] },
  { room: "src/engine/", may: ["src/core/"] },
  { room: "src/models/diffusion/", may: ["src/core/", "src/engine/", ...foundations] },
  { room: "src/models/gan/", may: ["src/core/", "src/engine/", ...foundations] },
  { room: "src/models/classifier/", may: ["src/core/", "src/engine/", ...foundations] },
  { room: "src/models/nn/", may: ["src/core/", "src/engine/", ...foundations] },
  { room: "src/models/", may: ["src/core/", "src/engine/"] },
  { room: "src/metrics/", may: ["src/core/", "src/engine/"] },
  { room: "src/harness/record/", may: ["src/core/", "src/harness/stages/records.ts"] },
  { room: "src/harness/stages/records.ts", may: ["src/harness/stages/"] },
  { room: "src/harness/report/", may: ["src/core/", "src/harness/record/"] },
  {
    room: "src/harness/compare/",
    may: [
      "src/core/",
      "src/harness/record/",
      "src/harness/store/",
      "src/harness/report/html/template.ts",
      "src/harness/report/html/policy.ts",
      "src/harness/report/html/tables.ts",
      "src/harness/report/analysis/format.ts",
    ],
  },
  { room: "src/harness/cli/", may: ["src/", "package.json"] },
  { room: "src/harness/", may: ["src/core/", "src/engine/", "src/models/", "src/metrics/", "package.json"] },
];

/** `file -> imported` for every import that a room may not make; the command is nobody's to import. */
export function violations(files: ReadonlyMap<string, string>): string[] {
  return [...files].flatMap(([file, text]) => {
    const home = rooms.find(({ room }) => file.startsWith(room));
    if (!home) return [`${file} is in no room`];
    return importsOf(text)
      .filter(({ specifier }) => specifier.startsWith("."))
      .map(({ specifier }) => target(file, specifier))
      .filter(
        (imported) =>
          ![home.room, ...home.may].some((prefix) => imported.startsWith(prefix)) ||
          (imported.startsWith("src/harness/cli/") && home.room !== "src/harness/cli/"),
      )
      .map((imported) => `${file} -> ${imported}`);
  });
}

/** Packages that loading `entry` loads at once: what its static imports reach. */
export function packagesAtStart(files: ReadonlyMap<string, string>, entry: string): string[] {
  const [seen, packages, waiting] = [new Set<string>(), new Set<string>(), [entry]];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    for (const { specifier, kind } of importsOf(files.get(file) ?? "")) {
      if (kind !== "static" || specifier.startsWith("node:")) continue;
      if (specifier.startsWith(".")) waiting.push(target(file, specifier));
      else packages.add(specifier);
    }
  }
  return [...packages].sort();
}
