/**
 * The body of a report as data: what each section says, draws, tabulates and shows, before any of it is rendered. A
 * page, a Markdown file and a folder of specifications walk the same sections.
 */
import type { FileEntry } from "../../record/index.ts";
import type { Verdict } from "../analysis/index.ts";
import type { Chart, DataTable } from "../charts/index.ts";
import type { CsvName } from "../csv/index.ts";

export interface Picture {
  readonly label: string;
  readonly file: FileEntry;
  readonly caption: string;
  /** What is seen, for who cannot see it. */
  readonly alt: string;
}

export type Part =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "heading"; readonly text: string }
  | { readonly kind: "charts"; readonly charts: readonly Chart[] }
  | {
      readonly kind: "table";
      readonly caption: string;
      readonly table: DataTable;
      /** The file that holds these numbers in full. */
      readonly csv?: CsvName;
    }
  | {
      readonly kind: "pictures";
      readonly title: string;
      readonly pictures: readonly Picture[];
      /** Grids stand side by side, wide pictures two to a line, stretched ones share one height. */
      readonly layout: "grid" | "wide" | "stretched";
    };

export interface Section {
  /** Unique in the page; letters, digits and hyphens. */
  readonly id: string;
  readonly title: string;
  /** The sentence heard everywhere that this section tests. */
  readonly claim?: string;
  readonly verdict?: Verdict;
  readonly introduction?: string;
  readonly parts: readonly Part[];
  /** How it was measured, a sentence each. */
  readonly protocol: readonly string[];
}

/** Every chart of the sections, in reading order. */
export const chartsOf = (sections: readonly Section[]): Chart[] =>
  sections.flatMap(({ parts }) => parts.flatMap((part) => (part.kind === "charts" ? part.charts : [])));

/** Every picture of the sections, in reading order. */
export const picturesOf = (sections: readonly Section[]): Picture[] =>
  sections.flatMap(({ parts }) => parts.flatMap((part) => (part.kind === "pictures" ? part.pictures : [])));

/** The sections with `prefix` before every id and fragment, so that several runs can stand in one page. */
export const prefixed = (sections: readonly Section[], prefix: string): Section[] =>
  sections.map((section) => ({
    ...section,
    id: `${prefix}${section.id}`,
    parts: section.parts.map((part) =>
      part.kind === "charts"
        ? { ...part, charts: part.charts.map((chart) => ({ ...chart, id: `${prefix}${chart.id}` })) }
        : part,
    ),
  }));

/** A part where it has something to show. */
export const charts = (drawn: readonly Chart[]): Part[] =>
  drawn.length > 0 ? [{ kind: "charts", charts: drawn }] : [];

export const tablePart = (caption: string, table: DataTable, csv?: CsvName): Part[] =>
  table.rows.length > 0 ? [{ kind: "table", caption, table, csv }] : [];

export const pictures = (
  title: string,
  shown: readonly Picture[],
  layout: "grid" | "wide" | "stretched",
): Part[] => (shown.length > 0 ? [{ kind: "pictures", title, pictures: shown, layout }] : []);

export const text = (sentence: string): Part[] => [{ kind: "text", text: sentence }];

/** The charts that have anything to draw. */
export const present = (...drawn: readonly (Chart | undefined)[]): Chart[] =>
  drawn.flatMap((chart) => chart ?? []);
