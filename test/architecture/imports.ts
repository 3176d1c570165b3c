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

const harness = (...names: readonly string[]) => names.map((name) => `src/harness/${name}`);

/** What a report is made with: charts, and the model of a section. */
const kit = harness("report/charts/", "report/decide/", "report/section.ts");
const recorded = ["src/core/", ...harness("record/", "stages/records.ts")];
/** A stage's tables, sections and claims: what is read from records, without an engine. */
const readSide =
  "src/harness/stages/*/{tables,section,claim,front,glance,serving,percentiles,quality,modes,best,weights,budgets,quality-time,judges,holes,trainings}.ts";
const read = [...recorded, ...harness("tables/"), ...kit, readSide, "src/harness/stages/readout/"];
const made = ["src/core/", "src/engine/", "src/models/", "src/metrics/"];
/** Where a run's data and files are. */
const stores = harness("record/", "store/", "datasets/", "images/", "checkpoints/", "suite/");
const plain = harness("report/render/html/{template,policy,tables}.ts");

/**
 * Each room by its path, the first match counting, with what it may import besides itself. `*` stands for one folder's
 * name, which is then not free: a stage's files are a room apart from another stage's; `{a,b}` for either.
 */
export const rooms: readonly { room: string; may: readonly string[] }[] = [
  { room: "src/core/", may: [] },
  { room: "src/engine/", may: ["src/core/"] },
  { room: "src/models/{nn,classifier}/", may: ["src/core/", "src/engine/", ...foundations] },
  { room: "src/models/diffusion/", may: ["src/core/", "src/engine/", ...foundations] },
  { room: "src/models/gan/", may: ["src/core/", "src/engine/", ...foundations] },
  { room: "src/models/*.ts", may: ["src/core/", "src/engine/", "src/models/"] },
  { room: "src/metrics/", may: ["src/core/", "src/engine/"] },

  {
    room: "src/harness/stages/*/record.ts",
    may: ["src/core/", ...harness("record/{parts,run,tuning}.ts")],
  },
  { room: "src/harness/stages/records.ts", may: ["src/harness/stages/*/record.ts"] },
  { room: "src/harness/record/", may: ["src/core/", ...harness("stages/records.ts")] },
  { room: "src/harness/tables/", may: recorded },
  { room: "src/harness/report/decide/", may: ["src/core/"] },
  { room: "src/harness/report/charts/", may: [...recorded, ...harness("tables/")] },
  {
    room: "src/harness/report/section.ts",
    may: [...recorded, ...kit, ...harness("tables/", "stages/readout/claim.ts")],
  },
  {
    room: "src/harness/stages/shared/",
    may: [...made, ...stores, ...harness("features/", "stages/contract.ts", "stages/*/options.ts")],
  },
  { room: "src/harness/stages/readout/", may: read },
  { room: readSide, may: read },
  { room: "src/harness/report/page/", may: ["src/core/", ...harness("report/{decide,charts,render/html}/")] },
  { room: "src/harness/report/", may: [...read, ...harness("store/")] },
  { room: "src/harness/compare/", may: [...read, ...harness("store/"), ...plain] },

  { room: "src/harness/store/", may: recorded },
  { room: "src/harness/images/", may: ["src/core/"] },
  { room: "src/harness/datasets/", may: ["src/core/", ...harness("images/", "record/")] },
  {
    room: "src/harness/checkpoints/",
    may: ["src/core/", "src/engine/", "src/models/", ...harness("record/", "store/")],
  },
  {
    room: "src/harness/features/",
    may: [...made, ...harness("checkpoints/", "datasets/", "images/", "store/")],
  },
  {
    room: "src/harness/stages/{*/,}options.ts",
    may: ["src/core/", ...harness("stages/*/options.ts", "suite/parts.ts")],
  },
  {
    room: "src/harness/suite/",
    may: ["src/core/", "src/models/", ...harness("datasets/", "record/", "stages/options.ts")],
  },

  { room: "src/harness/stages/contract.ts", may: [...made, ...stores] },
  {
    room: "src/harness/stages/index.ts",
    may: harness("record/", "stages/contract.ts", "stages/shared/", "stages/*/run.ts"),
  },
  {
    room: "src/harness/stages/*/",
    may: [...made, ...stores, ...harness("stages/contract.ts", "stages/shared/", "stages/*/options.ts")],
  },
  {
    room: "src/harness/run/",
    may: [...made, ...stores, ...harness("stages/{index,contract}.ts"), "package.json"],
  },
  {
    room: "src/harness/evaluate/",
    may: [
      ...made,
      ...stores,
      ...harness(
        "features/",
        "stages/classifier/run.ts",
        "stages/contract.ts",
        "stages/shared/",
        "run/environment.ts",
      ),
      ...plain,
    ],
  },
  { room: "src/harness/cli/", may: ["src/", "package.json"] },
];

/** Whether a path lies in a room; with what each `*` of the room stood for. */
function within(path: string, room: string): readonly string[] | undefined {
  const pattern = room
    .replace(/[.]/g, "\\.")
    .replace(/\{([^}]*)\}/g, (_, either: string) => `(?:${either.replaceAll(",", "|")})`)
    .replaceAll("*", "([^/]+)");
  return new RegExp(`^${pattern}${/\.\w+$/.test(room) ? "$" : ""}`).exec(path)?.slice(1);
}

/** `file -> imported` for every import that a room may not make; the command is nobody's to import. */
export function violations(files: ReadonlyMap<string, string>): string[] {
  return [...files].flatMap(([file, text]) => {
    const home = rooms.find(({ room }) => within(file, room));
    if (!home) return [`${file} is in no room`];
    const name = within(file, home.room)!;
    const isHome = (imported: string) =>
      rooms.find(({ room }) => within(imported, room)) === home &&
      String(within(imported, home.room)) === String(name);
    return relativeImports(file, text)
      .filter((imported) => !isHome(imported) && !home.may.some((room) => within(imported, room)))
      .map((imported) => `${file} -> ${imported}`);
  });
}

const relativeImports = (file: string, text: string): string[] =>
  importsOf(text)
    .filter(({ specifier }) => specifier.startsWith("."))
    .map(({ specifier }) => target(file, specifier));

/** Rooms that others enter by `index.ts` (and by the contract that they fill), and by no other file. */
const behindAnIndex = [
  "src/core/statistics/",
  "src/models/",
  ...harness("record/", "store/", "suite/", "tables/", "datasets/", "features/"),
];
/** What rooms are put together from: these files take parts where the index would be a circle. */
const makesTheIndex = harness("stages/*/record.ts", "stages/*/options.ts", "stages/options.ts");

/** `file -> imported` for every import that passes a room's index by. */
export function pastTheIndex(files: ReadonlyMap<string, string>): string[] {
  return [...files].flatMap(([file, text]) =>
    relativeImports(file, text)
      .filter((imported) => {
        const room = behindAnIndex.find((room) => within(imported, room) && !within(file, room));
        if (room === undefined || makesTheIndex.some((made) => within(file, made))) return false;
        return ![`${room}index.ts`, `${room}contract.ts`].includes(imported);
      })
      .map((imported) => `${file} -> ${imported}`),
  );
}

/** Files that reach themselves by their imports, type-only ones too: one list a circle. */
export function circles(files: ReadonlyMap<string, string>): string[][] {
  const imports = new Map([...files].map(([file, text]) => [file, relativeImports(file, text)]));
  const reached = (from: string): Set<string> => {
    const seen = new Set<string>();
    const waiting = [...(imports.get(from) ?? [])];
    for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
      if (seen.has(file)) continue;
      seen.add(file);
      waiting.push(...(imports.get(file) ?? []));
    }
    return seen;
  };
  const reach = new Map([...files.keys()].map((file) => [file, reached(file)]));
  const inCircle = [...files.keys()].filter((file) => reach.get(file)!.has(file));
  const circle = (file: string) =>
    inCircle.filter((other) => reach.get(file)!.has(other) && reach.get(other)!.has(file));
  return [...new Map(inCircle.map((file) => [circle(file).join(), circle(file)])).values()];
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
