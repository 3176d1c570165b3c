/** Several runs in one page: the same question put to each, their numbers in one table, their charts in turn. */
import { basename, join, posix, relative, resolve } from "node:path";
import { formatDate, formatList, plural } from "../../core/format.ts";
import { sectionsOf, tables } from "../stages/readout/index.ts";
import { rowLinks, type View } from "../tables/index.ts";
import { decisionData, engineWords, marksOf } from "./analysis/index.ts";
import { readAssets } from "./assets.ts";
import { type DecisionData, defaultRequirements } from "./decide/index.ts";
import { readPictures, viewRun, writeWhole } from "./files.ts";
import { drawCharts } from "./render/html/figures.ts";
import { page } from "./render/html/page.ts";
import type { Drawn } from "./render/html/parts.ts";
import { type Mark, prefixed, type Report, type Section, tablePart, text } from "./section.ts";
import { severalSections } from "./sections/several.ts";

interface RunInPage extends View {
  /** Unlike any other run's of the page. */
  readonly name: string;
  /** Its folder, relative to the page. */
  readonly folder: string;
  /** Its sections, with ids of their own. */
  readonly sections: readonly Section[];
  readonly data: DecisionData;
  readonly drawn: Omit<Drawn, "charts">;
  readonly warnings: readonly string[];
}

/**
 * Writes `report.html` of the runs into `out` and gives its path. Throws BAD_RUN_FOLDER for records that cannot be read
 * and OUTPUT_UNWRITABLE where the folder takes no files.
 */
export async function writeSideBySide(
  runDirs: readonly string[],
  out: string,
): Promise<{ html: string; warnings: string[] }> {
  const names = namesOf(runDirs);
  const runs = await Promise.all(
    runDirs.map(async (dir, i) => await runInPage(dir, out, names[i]!, `run-${i + 1}-`)),
  );
  const report = severalReport(runs);
  const { charts, warnings } = await drawCharts(report.sections);
  const owners = new Map(runs.flatMap((run) => run.sections.map(({ id }) => [id, run] as const)));
  const drawnOf = ({ id }: Section): Drawn => ({
    charts,
    ...(owners.get(id)?.drawn ?? { images: new Map() }),
  });
  return {
    html: await writeWhole(join(out, "report.html"), page(report, drawnOf, await readAssets())),
    warnings: [...runs.flatMap((run) => [...run.notices, ...run.warnings]), ...warnings],
  };
}

async function runInPage(dir: string, out: string, name: string, prefix: string): Promise<RunInPage> {
  const view = await viewRun(dir);
  const folder = relative(out, dir).replaceAll("\\", "/");
  const links = rowLinks(view, tables);
  const rowOf: typeof links = (table, key) => {
    const row = links(table, key);
    return row && posix.join(folder, row);
  };
  const sections = prefixed(sectionsOf(view).map(withoutFiles), prefix);
  const { images, warnings } = await readPictures(dir, sections);
  const data = decisionData(view, rowOf);
  return { ...view, name, folder, sections, data, drawn: { images, rowOf }, warnings };
}

/** Each run by its folder's name; by more of its path where two have the same. */
function namesOf(runDirs: readonly string[]): string[] {
  const short = runDirs.map((dir) => basename(resolve(dir)));
  return short.map((name, i) =>
    short.indexOf(name) === short.lastIndexOf(name)
      ? name
      : `${basename(resolve(runDirs[i]!, ".."))}/${name} (${i + 1})`,
  );
}

/** Tables without links to files, which lie beside another page. */
const withoutFiles = (section: Section): Section => ({
  ...section,
  parts: section.parts.map((part) => (part.kind === "table" ? { ...part, csv: undefined } : part)),
});

function severalReport(runs: readonly RunInPage[]): Report {
  const count = plural(runs.length, "run");
  const titles = [...new Set(runs.flatMap(({ sections }) => sections.map(({ title }) => title)))];
  return {
    title: `GAN or diffusion? ${count} side by side`,
    lead: `${count} side by side: ${formatList(runs.map(({ name }) => name))}.`,
    facts: [],
    marks: [
      ...runs.flatMap((view) =>
        marksOf(view).map(({ label, detail }) => ({ label: `${view.name}: ${label}`, detail })),
      ),
      ...differences(runs),
    ],
    sections: [
      decisionOfEach(runs),
      runsSection(runs),
      ...severalSections(runs),
      ...titles.flatMap((title) => inTurn(title, runs)),
    ],
    origin: `${count} by gan-vs-diffusion-bench`,
  };
}

/** The section of one title, of each run that has it; the navigation names the first. */
const inTurn = (wanted: string, runs: readonly RunInPage[]): Section[] =>
  runs
    .flatMap(({ name, sections }) =>
      sections
        .filter(({ title }) => title === wanted)
        .map((section) => ({ ...section, title: `${wanted}: ${name}` })),
    )
    .map((section, i) => ({ ...section, navigation: i === 0 && wanted }));

/** The same question to every run; the controls take metrics, batch sizes and price from the first. */
function decisionOfEach(runs: readonly RunInPage[]): Section {
  const answerable = runs.filter(({ data }) => data.options.length > 0);
  const [first] = answerable;
  return {
    id: "decision",
    title: "Decision",
    parts: first
      ? [{ kind: "decision", asked: defaultRequirements(first.data), runs: answerable, scope: [] }]
      : text("No run has settings with both a time and a quality."),
  };
}

function runsSection(runs: readonly RunInPage[]): Section {
  const facts: Readonly<Record<string, (one: RunInPage) => string>> = {
    suite: ({ run }) => run.suite,
    dataset: ({ run: { dataset } }) =>
      `${dataset.name}, ${dataset.size} × ${dataset.size} × ${dataset.channels}`,
    device: ({ run: { engine } }) => `${engine.device.model}, ${engineWords(engine)}`,
    seeds: ({ records }) => [...new Set(records("train").map(({ seed }) => seed))].join(", "),
    state: ({ run }) => run.state,
    date: ({ run }) => formatDate(run.startedAt),
    harness: ({ run }) => run.environment.harness,
    command: ({ run }) => run.command,
  };
  return {
    id: "runs",
    title: "Runs",
    parts: [
      ...tablePart("What each run is", {
        columns: ["", ...runs.map(({ name }) => name)],
        rows: Object.entries(facts).map(([name, read]) => [name, ...runs.map(read)]),
      }),
      ...text("The pages of the runs:"),
      {
        kind: "list",
        items: runs.map(({ name, folder }) => ({ text: name, href: `${folder}/report.html` })),
      },
    ],
  };
}

/** What makes numbers of these runs incomparable, each a mark at the top. */
function differences(runs: readonly RunInPage[]): Mark[] {
  const differing = (read: (one: RunInPage) => string) => new Set(runs.map(read)).size > 1;
  const found: Mark[] = [];
  const mark = (label: string, detail: string) => found.push({ label, detail });
  if (differing(({ run }) => run.dataset.hash))
    mark("Different data", "The runs' datasets differ: quality does not compare.");
  else if (differing(({ records }) => records("classifier")[0]?.weights ?? ""))
    mark(
      "Different features",
      "The runs' classifiers differ, and with them the features: quality does not compare.",
    );
  if (differing(({ run: { engine } }) => engine.precision ?? "float32"))
    mark(
      "Different precisions",
      "The runs sampled in different precisions: quality and times show that too.",
    );
  if (differing(({ run: { engine } }) => `${engine.name} ${engine.provider} ${engine.device.model}`))
    mark(
      "Different devices",
      "The runs were timed on different devices or engines: times show both the models and the machines.",
    );
  return found;
}
