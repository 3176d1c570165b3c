/** Compares runs: two of them, or a night with the nights before. */
export { compareRuns } from "./compare.ts";
export { exitCodesOf } from "./exit.ts";
export { HISTORY_FILE, HISTORY_VERSION, type HistoryEntry, hashOfLine, lineOf } from "./history/entry.ts";
export { judgeLatest } from "./history/night.ts";
export { type History, parseHistory } from "./history/parse.ts";
export { type JudgeOptions, usual } from "./options.ts";
export { annotations } from "./output/annotations.ts";
export { comparisonJunit } from "./output/junit.ts";
export { comparisonMarkdown, SUMMARY_BYTES } from "./output/markdown.ts";
export { comparisonPage } from "./output/page.ts";
export { reproduceLines } from "./output/reproduce.ts";
export { comparisonText } from "./output/text.ts";
export { type Comparison, countOf } from "./result.ts";
export { type Snapshot, snapshotOf } from "./snapshot.ts";
