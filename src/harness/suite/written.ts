/** The text of a suite that was changed, spaced as the suites of the harness are: `{ a: 1 }` and `[1, 2]`. */
import { CST, type Document, Parser } from "yaml";

/** yaml pads all brackets or none: the spaces inside those of lists are taken out again. No line is folded. */
export function written(document: Document): string {
  return [...new Parser().parse(document.toString({ lineWidth: 0 }))]
    .map((token) => {
      if (token.type === "document")
        CST.visit(token, ({ value }) => {
          if (value?.type === "flow-collection" && value.start.type === "flow-seq-start") closeUp(value);
        });
      return CST.stringify(token);
    })
    .join("");
}

/** The space after the bracket begins the first item; the one before the other bracket ends the last value. */
function closeUp({ items }: CST.FlowCollection): void {
  const before = items[0]?.start;
  if (before?.[0]?.type === "space") before.shift();
  const last = items.at(-1)?.value;
  const after = last && "end" in last ? last.end : undefined;
  if (after?.at(-1)?.type === "space") after.pop();
}
