/**
 * Draws each chart again at the width there is, with tooltips, when it comes near the window: until then it shows its still
 * drawing. No eval, no network: expressions are interpreted.
 */
import { parse, type Spec, View } from "vega";
import { expressionInterpreter } from "vega-interpreter";
import { json, one } from "./elements.ts";

/** How far from the window a chart is drawn. */
const NEAR = "800px";

export function drawCharts(): void {
  const views = new Map<Element, View>();
  const resized = new ResizeObserver((entries) => {
    for (const { target, contentRect } of entries) {
      const view = views.get(target);
      const width = Math.floor(contentRect.width);
      // in a frame of its own: to change sizes here is a loop of notifications, which browsers report
      if (view && width > 0 && width !== view.width())
        requestAnimationFrame(() => void view.width(width).runAsync());
    }
  });
  const tooltip = tooltips();
  const draw = (figure: Element) => {
    const chart = one(figure, ".chart", HTMLDivElement);
    const view = new View(parse(json<Spec>(figure, ".spec"), undefined, { ast: true }), {
      expr: expressionInterpreter,
      renderer: "svg",
      tooltip,
    });
    // Vega gives its container and groups roles; the chart around it has the name and the description
    const drawing = document.createElement("div");
    drawing.ariaHidden = "true";
    view.width(Math.floor(chart.clientWidth));
    chart.replaceChildren(drawing);
    view.initialize(drawing).runAsync();
    views.set(chart, view);
    resized.observe(chart);
  };
  // one chart at a time, so that the page answers at once
  const waiting: Element[] = [];
  const later = globalThis.requestIdleCallback ?? ((next: () => void) => setTimeout(next, 0));
  const drawNext = () => {
    const figure = waiting.shift();
    if (!figure) return;
    draw(figure);
    later(drawNext, { timeout: 100 });
  };
  const near = new IntersectionObserver(
    (entries) => {
      const come = entries.filter(({ isIntersecting }) => isIntersecting).map(({ target }) => target);
      for (const figure of come) near.unobserve(figure);
      const idle = waiting.length === 0;
      waiting.push(...come);
      if (idle) later(drawNext, { timeout: 100 });
    },
    { rootMargin: NEAR },
  );
  for (const figure of document.querySelectorAll(".chart-figure")) near.observe(figure);
}

/** Shows what is under the pointer, beside it and inside the window. */
function tooltips() {
  const tip = one(document, ".tip", HTMLDivElement);
  addEventListener("scroll", () => (tip.hidden = true), { passive: true });
  return (_handler: unknown, event: MouseEvent, _item: unknown, value: unknown): void => {
    tip.hidden = value == null || value === "";
    if (tip.hidden) return;
    tip.textContent = String(value);
    const { width, height } = tip.getBoundingClientRect();
    const left = Math.min(event.clientX + 14, document.documentElement.clientWidth - width - 8);
    const above = event.clientY - height - 12;
    tip.style.left = `${Math.max(8, left)}px`;
    tip.style.top = `${above > 8 ? above : event.clientY + 18}px`;
  };
}
