/** Reads the text of a history and checks every line. A corrupt line is refused with its place; nothing is repaired. */
import { type BenchError, badHistory, messageOf } from "../../../core/errors.ts";
import { sha256 } from "../../../core/hash.ts";
import { baseName, changesOfVersion2 } from "../../record/index.ts";
import {
  type Accept,
  entrySchema,
  HISTORY_FILE,
  HISTORY_VERSION,
  type HistoryEntry,
  type Night,
} from "./entry.ts";

/** @throws BAD_HISTORY naming the line and what is wrong with it. */
export function parseHistory(text: string) {
  const lines = text.split("\n");
  const torn = lines.pop()!;
  const nights: Night[] = [];
  const accepts: Accept[] = [];
  let last = sha256("");
  lines.forEach((line, i) => {
    const entry = parseLine(line, i + 1);
    if (entry.previous !== last)
      throw bad(
        i + 1,
        i === 0
          ? "it does not begin the history: lines before it are missing"
          : `it does not follow line ${i} as that stands: a line was changed, removed or inserted there`,
      );
    last = sha256(line);
    if (entry.kind === "night") {
      const { id } = entry.snapshot.run;
      if (nights.some(({ snapshot }) => snapshot.run.id === id))
        throw bad(i + 1, `run ${id} was added before`);
      nights.push(entry);
    } else {
      if (!nights.some(({ snapshot }) => snapshot.run.id === entry.night))
        throw bad(i + 1, `it accepts run ${entry.night}, which no line before it holds`);
      accepts.push(entry);
    }
  });
  const notices =
    torn === ""
      ? []
      : [
          `${HISTORY_FILE} line ${lines.length + 1} was cut off while it was written and is left out; add its run again`,
        ];
  return { nights, accepts, last, whole: Buffer.byteLength(text) - Buffer.byteLength(torn), notices };
}

/**
 * Nights and accepts in the order in which they were added; `last`: sha256 of the last whole line, which the next entry
 * holds; `whole`: bytes of whole lines, beyond which lies a line that was cut off while it was written.
 */
export type History = ReturnType<typeof parseHistory>;

function parseLine(line: string, number: number): HistoryEntry {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw bad(number, `it is not JSON (${messageOf(cause)})`);
  }
  const version =
    typeof value === "object" && value !== null ? Reflect.get(value, "schemaVersion") : undefined;
  if (typeof version === "number" && version !== HISTORY_VERSION)
    throw badHistory(
      `${HISTORY_FILE} line ${number}: schemaVersion is ${version}, this harness reads ${HISTORY_VERSION}. ` +
        "Read it with the harness version that wrote it, or begin a new history in another folder.",
    );
  const parsed = entrySchema.safeParse(value);
  if (parsed.success) {
    checkPlaces(parsed.data, number);
    return withChanges(parsed.data);
  }
  const [issue] = parsed.error.issues;
  throw bad(number, `${issue!.path.map(String).join(".") || "it"}: ${issue!.message}`);
}

/** A night of before rows said how much of a change matters: its rows get what the code of that day knew. */
function withChanges(entry: HistoryEntry): HistoryEntry {
  if (entry.kind !== "night" || entry.snapshot.rows.some(({ change }) => change)) return entry;
  const rows = entry.snapshot.rows.map((row) => ({
    ...row,
    change: changesOfVersion2[baseName(row.metric)],
  }));
  return { ...entry, snapshot: { ...entry.snapshot, rows } };
}

/** @throws BAD_HISTORY for a value of a cell that the night does not have */
function checkPlaces(entry: HistoryEntry, number: number): void {
  if (entry.kind !== "night") return;
  const { cells, rows } = entry.snapshot;
  for (const { key, values } of rows) {
    if (values.length === 0) throw bad(number, `${key} has no value`);
    for (const [cell] of values)
      if (!cells[cell]) throw bad(number, `${key} names cell ${cell}, and there is none`);
  }
}

const bad = (line: number, what: string): BenchError =>
  badHistory(
    `${HISTORY_FILE} line ${line}: ${what}. The file was changed or damaged after it was written, and nothing is ` +
      "replaced: restore it from a copy, or begin a new history in another folder.",
  );
