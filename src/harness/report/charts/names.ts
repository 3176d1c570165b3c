/** Names on an axis. They are data and may repeat or hold anything, so positions are what the axis orders. */

/**
 * Expression for the name at a position. Vega reads a literal that is called as a member of every object is, such as
 * `constructor`, as that member; a letter before each name, which is cut off again, keeps them apart.
 */
export const nameAt = (names: readonly string[]): string => {
  const literals = JSON.stringify(names.map((name) => `_${name}`)).replaceAll(/[\u2028\u2029]/g, " ");
  return `slice(${literals}[datum.value], 1)`;
};

export const shortenTo = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1)}…`;
