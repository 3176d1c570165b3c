import * as fc from "fast-check";
import { expect, it } from "vitest";
import {
  escapeHtml,
  escapeMarkdown,
  escapeXml,
  fenced,
  limited,
  printable,
  printableJson,
} from "../../src/core/escape.ts";

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

const CONTROLS = ["\u001b[31m", "\u009b2J", "\u0007", "\r", "\u0000", "\u202e", "\u2066"];

it("what is printed controls no terminal and no workflow, and is else as it was", () => {
  expect(printable("a\tb\nc é ü 日本")).toBe("a\tb\nc é ü 日本");
  for (const control of CONTROLS) expect(printable(`a${control}b`)).toMatch(/^a\ufffd.*b$/);
  expect(printable("::error::x\n  ::stop-commands::y\n##[group]z\na ::b")).toBe(
    "\ufffd::error::x\n  \ufffd::stop-commands::y\n\ufffd##[group]z\na ::b",
  );
  const value = { name: `x${CONTROLS.join("")}y` };
  const json = printableJson(JSON.stringify(value, null, 2));
  expect(JSON.parse(json)).toEqual(value);
  expect(printable(json)).toBe(json);
});

it("a fenced block ends where its content ends, whatever that holds", () => {
  expect(fenced("a\n```\n<img>\u001b[2J\n````", "sh")).toBe("`````sh\na\n```\n<img>\ufffd[2J\n````\n`````");
  expect(escapeMarkdown("a\u001b[31mb")).not.toContain("\u001b");
});

it("a text that somebody made too long is shown by its beginning and its end", () => {
  expect(limited("abc", 3)).toBe("abc");
  expect(limited("abcdefghij", 4)).toBe("abc… (6 more characters) …j");
});
