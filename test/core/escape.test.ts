import * as fc from "fast-check";
import { expect, it } from "vitest";
import { escapeHtml, escapeMarkdown, escapeXml } from "../../src/core/escape.ts";

/** What a parser of HTML or XML makes of escaped text. */
const unescaped = (text: string) =>
  text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");

it("HTML reads as the text it was made from, and holds no bracket or quote", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(unescaped(escapeHtml(text))).toBe(text);
      expect(escapeHtml(text)).not.toMatch(/[<>"']/);
    }),
  );
});

it("XML holds only characters that XML 1.0 allows", () => {
  expect(escapeXml('a\u0007<b a="1">\'&\ud800\u{1f600}\n')).toBe(
    "a\ufffd&lt;b a=&quot;1&quot;&gt;'&amp;\ufffd\u{1f600}\n",
  );
});

it("Markdown is one line in which every character that marks up is escaped", () => {
  expect(escapeMarkdown("a_b *c* `d` [e](f) |g| ~h~ $i$ \\ <k>\n& l")).toBe(
    "a\\_b \\*c\\* \\`d\\` \\[e\\](f) \\|g\\| \\~h\\~ \\$i\\$ \\\\ &lt;k&gt; &amp; l",
  );
  for (const [text, escaped] of [
    ["# a", "\\# a"],
    ["- a", "\\- a"],
    ["12. a", "12\\. a"],
    ["## a", "#\\# a"],
    ["---", "\\---"],
    ["+1.5%", "+1.5%"],
    ["1.5", "1.5"],
    ["#5", "#5"],
  ] as const)
    expect(escapeMarkdown(text)).toBe(escaped);
});
