/** Drawings and specifications without what no eye can tell: they are most of a page's bytes. */
import type { Spec } from "vega";

/** Significant digits of a plotted number: a millionth of an axis is far below a pixel. */
const DIGITS = 6;

/** What says nothing in a page: defaults, the page's own font, and roles in a drawing that is hidden from readers. */
const SAYS_NOTHING =
  / (?:font-family|pointer-events|role|aria-[a-z]+)="[^"]*"| opacity="1"| class="(?:background|foreground)"| transform="translate\(0,0\)"/g;

/** Geometry in SVG attributes to a hundredth of a pixel, and without the unseen points that only a pointer finds. */
export function slimSvg(svg: string): string {
  return svg
    .replaceAll(/<path [^>]*\bopacity="0"[^>]*?(?:\/>|><\/path>)/g, "")
    .replaceAll(/<[a-z][^>]*>/g, (tag) =>
      tag
        .replaceAll(/ (?:d|transform|opacity|x|y|x1|x2|y1|y2|width|height)="[^"]*"/g, (attribute) =>
          attribute.replaceAll(/-?\d+\.\d{3,}(?:e-?\d+)?/g, (number) =>
            String(Number(Number(number).toFixed(2))),
          ),
        )
        .replaceAll(SAYS_NOTHING, ""),
    );
}

/** The data of a specification in six significant digits; texts as they are. */
export function slimSpec(spec: Spec): Spec {
  const rounded = (value: unknown) => (typeof value === "number" ? Number(value.toPrecision(DIGITS)) : value);
  return {
    ...spec,
    ...(spec.data && {
      data: spec.data.map((source) =>
        "values" in source && Array.isArray(source.values)
          ? {
              ...source,
              values: source.values.map((row: unknown) =>
                typeof row === "object" && row !== null
                  ? Object.fromEntries(Object.entries(row).map(([name, value]) => [name, rounded(value)]))
                  : rounded(row),
              ),
            }
          : source,
      ),
    }),
  } as Spec;
}
