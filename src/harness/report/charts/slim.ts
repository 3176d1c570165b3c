/** Drawings without what no eye can tell: they are most of a page's bytes. The numbers behind them stay exact. */

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
