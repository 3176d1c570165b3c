/** The page's colours for files outside the page: what `var(--ink)` is in light and in dark. */
import { assert } from "../../../core/errors.ts";

export type Palette = ReadonlyMap<string, string>;

/** Both palettes, from the `--name: light-dark(#…, #…)` declarations of the page's own style. */
export function palettesOf(css: string): { readonly light: Palette; readonly dark: Palette } {
  const declared = [...css.matchAll(/--([\w-]+):\s*light-dark\((#\w+),\s*(#\w+)\)/g)];
  return {
    light: new Map(declared.map(([, name, light]) => [name!, light!])),
    dark: new Map(declared.map(([, name, , dark]) => [name!, dark!])),
  };
}

/** `value` with every `var(--name)` in its texts replaced by the palette's colour. */
export function coloured<T>(value: T, palette: Palette): T {
  const text = JSON.stringify(value).replaceAll(/var\(--([\w-]+)\)/g, (_, name: string) => {
    const color = palette.get(name);
    assert(color, `the page's style has no colour --${name}`);
    return color;
  });
  return JSON.parse(text) as T;
}
