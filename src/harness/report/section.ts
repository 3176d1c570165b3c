/**
 * A report as data: what it says, draws, tabulates and shows, before any of it is rendered. The page, the Markdown file
 * and the folder of specifications are made of the same sections.
 */
import type { FileEntry } from "../record/index.ts";
import type { Verdict } from "../stages/readout/claim.ts";
import type { CsvFile, DataTable } from "../tables/index.ts";
import type { Chart } from "./charts/index.ts";
import type { DecisionData, Requirements } from "./decide/index.ts";

export interface Picture {
  readonly label: string;
  readonly file: FileEntry;
  readonly caption: string;
  /** What is seen, for readers who cannot see it. */
  readonly alt: string;
  /** Images beside each other in the file, a pixel apart; decides how large it is shown. */
  readonly columns?: number;
}

/** A text, several on a line each, or a hash or an id. */
export type FactText = string | readonly string[] | { readonly code: string };

export interface Fact {
  readonly name: string;
  readonly text: FactText;
}

export interface Item {
  readonly text: string;
  /** An outcome that stands before the text. */
  readonly outcome?: Verdict["outcome"];
  /** Where the text leads: the id of a section, as `#latency`, or the path of a file. */
  readonly href?: string;
  /** Stands behind the text. */
  readonly note?: string;
}

/** One question, put to one run or to several. */
export interface Decided {
  readonly kind: "decision";
  readonly asked: Requirements;
  /** The runs that can be asked; `name` where there are several. */
  readonly runs: readonly { readonly name?: string; readonly data: DecisionData }[];
  /** How far the answer holds. */
  readonly scope: readonly Part[];
}

export type Part =
  | Decided
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "warning"; readonly text: string }
  | { readonly kind: "heading"; readonly text: string }
  | { readonly kind: "list"; readonly items: readonly Item[] }
  | { readonly kind: "facts"; readonly facts: readonly Fact[] }
  | {
      readonly kind: "code";
      readonly code: string;
      /** Folded away under this title where there is one. */
      readonly title?: string;
    }
  | { readonly kind: "files"; readonly files: readonly CsvFile[] }
  | { readonly kind: "charts"; readonly charts: readonly Chart[] }
  | {
      readonly kind: "table";
      readonly caption: string;
      readonly table: DataTable;
      /** The file that holds these numbers in full. */
      readonly csv?: string;
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
  /** How the navigation names it where not by its title; it leaves out a section that is `false` here. */
  readonly navigation?: string | false;
  /** The popular claim that this section tests. */
  readonly claim?: string;
  readonly verdict?: Verdict;
  readonly introduction?: string;
  readonly parts: readonly Part[];
  /** How it was measured, a sentence each. */
  readonly protocol?: readonly string[];
}

/** What a reader must know before any number. */
export interface Mark {
  readonly label: string;
  readonly detail: string;
}

/** A whole report, of one run or of several. */
export interface Report {
  /** Names the page in the browser. */
  readonly title: string;
  readonly lead: string;
  readonly facts: readonly Fact[];
  /** What a reader must know before any number. */
  readonly marks: readonly Mark[];
  readonly sections: readonly Section[];
  /** Who made it and from which run. */
  readonly origin: string;
}

/** Pairs of models beyond which they are folded away: the sentence above them decides. */
export const PAIRS_SHOWN = 3;

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

/** The charts that have anything to draw, side by side; like the parts below, none where there is nothing to show. */
export function charts(...all: readonly (Chart | undefined)[]): Part[] {
  const drawn = all.flatMap((chart) => chart ?? []);
  return drawn.length > 0 ? [{ kind: "charts", charts: drawn }] : [];
}

export const tablePart = (caption: string, table: DataTable, csv?: string): Part[] =>
  table.rows.length > 0 ? [{ kind: "table", caption, table, csv }] : [];

export const pictures = (
  title: string,
  shown: readonly Picture[],
  layout: "grid" | "wide" | "stretched",
): Part[] => (shown.length > 0 ? [{ kind: "pictures", title, pictures: shown, layout }] : []);

export const text = (sentence: string): Part[] => [{ kind: "text", text: sentence }];

export const heading = (title: string): Part => ({ kind: "heading", text: title });

export const list = (items: readonly string[]): Part[] =>
  items.length > 0 ? [{ kind: "list", items: items.map((item) => ({ text: item })) }] : [];

/** Facts by name; those without a text are left out. */
export const factsOf = (known: Readonly<Record<string, FactText | undefined>>): Fact[] =>
  Object.entries(known).flatMap(([name, text]) => (text === undefined ? [] : [{ name, text }]));

export const facts = (known: readonly Fact[]): Part => ({ kind: "facts", facts: known });
