/** How a sampler with options is named in records, tables and charts. */

/**
 * `ddim` where no option is set; else `ddim (eta 0.5, spacing quadratic)`, the options in alphabetical order, so that
 * one setting has one name whatever order its options were written in.
 */
export function settingLabel({
  sampler,
  options = {},
}: {
  readonly sampler: string;
  readonly options?: Readonly<Record<string, unknown>>;
}): string {
  const given = Object.entries(options)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`);
  return given.length === 0 ? sampler : `${sampler} (${given.join(", ")})`;
}
