/** Comma-separated files. */
import { stringify } from "csv-stringify/sync";
import { withoutControls } from "./escape.ts";

/**
 * Lines of fields, comma separated, `\n` line ends, RFC 4180 quotes. A number is written in full precision. A text that a
 * spreadsheet would take for a formula has an apostrophe before it, and control characters in it become U+FFFD.
 */
export const csvText = (lines: readonly (readonly (string | number | undefined)[])[]): string =>
  stringify(lines as (string | number | undefined)[][], {
    record_delimiter: "\n",
    cast: {
      number: (value) => ({ value: String(value), escape_formulas: false }),
      string: (value) => ({ value: withoutControls(value), escape_formulas: true }),
    },
  });
