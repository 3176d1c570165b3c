/** The text of a history, checked line by line. A corrupt line is refused with its place; nothing is ever repaired. */
import { BenchError, messageOf } from "../../../core/errors.ts";
import {
  type Accept,
  entrySchema,
  HISTORY_FILE,
  HISTORY_VERSION,
  type HistoryEntry,
  hashOfLine,
  type Night,
} from "./entry.ts";

export interface History {
  /** In the order in which they were added. */
  readonly nights: readonly Night[];
  readonly accepts: readonly Accept[];
  /** sha256 of the last whole line: what the next entry names. */
  readonly last: string;
  /** Bytes of whole lines; what lies beyond is a line that was cut off while it was written. */
  readonly whole: number;
  readonly notices: readonly string[];
}

/** @throws BAD_HISTORY naming the line and what is wrong with it. */
export function parseHistory(text: string): History {
  const lines = text.split("\n");
  const torn = lines.pop()!;
  const nights: Night[] = [];
  const accepts: Accept[] = [];
  let last = hashOfLine("");
  lines.forEach((line, i) => {
    const entry = parseLine(line, i + 1);
    if (entry.previous !== last)
      throw bad(
        i + 1,
        i === 0
          ? "it does not begin the history: lines before it are missing"
          : `it does not follow line ${i} as that stands: a line was changed, removed or inserted there`,
      );
    last = hashOfLine(line);
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
    throw new BenchError(
      "BAD_HISTORY",
      `${HISTORY_FILE} line ${number}: schemaVersion is ${version}, this harness reads ${HISTORY_VERSION}. ` +
        "Read it with the harness version that wrote it, or begin a new history in another folder.",
    );
  const parsed = entrySchema.safeParse(value);
  if (parsed.success) {
    checkPlaces(parsed.data, number);
    return parsed.data;
  }
  const [issue] = parsed.error.issues;
  throw bad(number, `${issue!.path.map(String).join(".") || "it"}: ${issue!.message}`);
}

/** Values name their cell by its place. */
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
  new BenchError(
    "BAD_HISTORY",
    `${HISTORY_FILE} line ${line}: ${what}. The file was changed or damaged after it was written, and nothing is ` +
      "replaced: restore it from a copy, or begin a new history in another folder.",
  );
