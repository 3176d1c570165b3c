/** YAML that a stranger may have written: whatever is wrong with it is one error of ours, and it is read in bounded time. */
import { type Document, isAlias, isScalar, type LineCounter, type Node, parseDocument, visit } from "yaml";
import { BenchError, messageOf } from "../../core/errors.ts";

interface Reading {
  readonly lineCounter?: LineCounter;
  /** The error for a problem, in words, at an offset of the text where it has a place. */
  refuse(problem: string, at: number | undefined, cause?: unknown): BenchError;
}

/** Most anchors, and most aliases: the reader looks for each through all of the text. A suite has some ten. */
const MOST_ANCHORS = 500;
const anchor = /(?:^|[\s[{,:?-])[&*](?=[^\s,[\]{}])/g;

/** A mistake in the reader's words, or in ours where those speak of the reader rather than of the text. */
function problemOf(message: string): string {
  if (/call stack/i.test(message)) return "lists and options nest too deep";
  if (/^excessive alias/i.test(message))
    return "its aliases unfold to far more than the text holds; write it out";
  if (/^merge sources/i.test(message)) return "a merge key (<<) takes options, or a list of them";
  return message;
}

/**
 * The document and its value, merge keys resolved. Aliases are unfolded a hundred times at most, so that a small text makes
 * no large value. @throws what `refuse` makes of a mistake, of an alias that leads nowhere, and of too many levels
 */
export function readYaml(
  text: string,
  { lineCounter, refuse }: Reading,
): { document: Document.Parsed; value: unknown } {
  const anchors = text.match(anchor)?.length ?? 0;
  if (anchors > MOST_ANCHORS)
    throw refuse(`${anchors} anchors and aliases, and at most ${MOST_ANCHORS} are read`, undefined);
  try {
    // equal keys are looked for here: the reader compares each with each
    const document = parseDocument(text, {
      lineCounter,
      prettyErrors: false,
      merge: true,
      uniqueKeys: false,
    });
    const error = document.errors[0];
    if (error) throw refuse(problemOf(error.message), error.pos[0], error);
    refuseEqualKeys(document, refuse);
    return { document, value: document.toJS() };
  } catch (cause) {
    if (cause instanceof BenchError) throw cause;
    throw refuse(problemOf(messageOf(cause)), undefined, cause); // for aliases and merges errors of several classes
  }
}

function refuseEqualKeys(document: Document.Parsed, refuse: Reading["refuse"]): void {
  visit(document, {
    Map(_key, { items }) {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key) && !isAlias(key))
          throw refuse("a name is a word, not a list or options", (key as Node | null)?.range?.[0]);
        if (!isScalar(key) || key.value === "<<") continue;
        if (seen.has(key.value))
          throw refuse(`${String(key.value)} is stated twice`, (key as Node).range?.[0]);
        seen.add(key.value);
      }
    },
  });
}
