/** Text for documents in other languages: what would be read as markup there is written so that it shows as it is. */

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

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
    .replace(/[&<>]/g, (character) => entities[character]!)
    .replaceAll(/[\\`*_[\]|~$]/g, "\\$&")
    .replace(/^(#{1,6}|[+-]|\d+[.)])(?=\s|$)|^-(?=-)/, (start) => `${start.slice(0, -1)}\\${start.at(-1)}`);
