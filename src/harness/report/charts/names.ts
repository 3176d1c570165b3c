/** Names on an axis. They are data and may repeat or hold anything, so positions are what the axis orders. */

/** Expression for the name at a position. */
export const nameAt = (names: readonly string[]): string =>
  `${JSON.stringify(names).replaceAll(/[\u2028\u2029]/g, " ")}[datum.value]`;

export const shortenTo = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1)}…`;
