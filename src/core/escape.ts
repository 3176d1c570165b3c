/** Text for documents in other languages: what would be read as markup there is written so that it shows as it is. */

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * Characters that move a terminal's cursor, colour it, or turn the order of what is read, but for the line break and the tab.
 * Names in data, suites and files may hold any.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const unprintable = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** The text with such characters as U+FFFD. */
export const withoutControls = (text: string): string => text.replaceAll(unprintable, "\ufffd");

/**
 * Text for a terminal or the log of a workflow: what controls a terminal becomes U+FFFD, and no line begins as a command of
 * GitHub Actions does.
 */
export const printable = (text: string): string =>
  withoutControls(text).replaceAll(/^([^\S\n]*)(?=::|##\[)/gm, "$1\ufffd");

/** JSON with such characters escaped, which leaves the value as it is. */
export const printableJson = (json: string): string =>
  json.replaceAll(unprintable, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** The beginning of a text that somebody else may have made as long as they liked, and its end, where the reason stands. */
export function limited(text: string, most = 4000): string {
  if (text.length <= most) return text;
  const end = Math.floor(most / 4);
  return `${text.slice(0, most - end)}… (${text.length - most} more characters) …${text.slice(text.length - end)}`;
}

/** A word as a POSIX shell reads it back. */
export const shellQuote = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

/** For the text of an HTML element, and for an attribute's value in quotes of either kind. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => entities[character]!);

/** For the text of an XML 1.0 element, and for a value in double quotes. Characters that XML cannot hold become U+FFFD. */
export const escapeXml = (text: string): string =>
  text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd")
    .replace(/[&<>"]/g, (character) => entities[character]!);

/** For a paragraph, a heading, a list item or a table's cell in GitHub's Markdown: one line, without markup or HTML. */
export const escapeMarkdown = (text: string): string =>
  text
    .replaceAll(/\s+/g, " ")
    .replaceAll(unprintable, "\ufffd")
    .replace(/[&<>]/g, (character) => entities[character]!)
    .replaceAll(/[\\`*_[\]|~$]/g, "\\$&")
    .replace(/^(#{1,6}|[+-]|\d+[.)])(?=\s|$)|^-(?=-)/, (start) => `${start.slice(0, -1)}\\${start.at(-1)}`);

/** A block of code in Markdown, fenced by more backticks than it holds in a row. */
export function fenced(content: string, language = ""): string {
  const text = withoutControls(content);
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(Math.max(3, longest + 1));
  return `${fence}${language}\n${text}\n${fence}`;
}
