// The page's script: redraws each chart at the width there is, with tooltips, and switches light and dark.
// It runs inlined, after Vega (`vega`) and its expression interpreter (`vegaInterpreter`); no eval, no network.

(() => {
  const { vega, vegaInterpreter } = globalThis;

  const tip = document.querySelector(".tip");
  const showTip = (_handler, event, _item, value) => {
    tip.hidden = value == null || value === "";
    if (tip.hidden) return;
    tip.textContent = String(value);
    const { width, height } = tip.getBoundingClientRect();
    const left = Math.min(event.clientX + 14, document.documentElement.clientWidth - width - 8);
    const above = event.clientY - height - 12;
    tip.style.left = `${Math.max(8, left)}px`;
    tip.style.top = `${above > 8 ? above : event.clientY + 18}px`;
  };
  addEventListener("scroll", () => (tip.hidden = true), { passive: true });

  const views = new Map();
  const resized = new ResizeObserver((entries) => {
    for (const { target, contentRect } of entries) {
      const view = views.get(target);
      const width = Math.floor(contentRect.width);
      if (view && width > 0 && width !== view.width()) view.width(width).runAsync();
    }
  });

  const draw = (figure) => {
    const chart = figure.querySelector(".chart");
    const spec = JSON.parse(figure.querySelector(".spec").textContent);
    const view = new vega.View(vega.parse(spec, undefined, { ast: true }), {
      expr: vegaInterpreter,
      renderer: "svg",
      tooltip: showTip,
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

  // one chart at a time, so that the page answers at once; until its turn each shows its still drawing
  const waiting = [...document.querySelectorAll(".chart-figure")];
  const later = globalThis.requestIdleCallback ?? ((next) => setTimeout(next, 0));
  const drawNext = () => {
    const figure = waiting.shift();
    if (!figure) return;
    draw(figure);
    later(drawNext, { timeout: 100 });
  };
  drawNext();

  // The choice is kept where the browser allows it; a page opened from a file may not be allowed to.
  const remember = (theme) => {
    try {
      localStorage.setItem("bench-theme", theme);
    } catch {}
  };
  const remembered = () => {
    try {
      return localStorage.getItem("bench-theme");
    } catch {
      return null;
    }
  };
  const apply = (theme) => {
    if (theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  };
  const themes = document.querySelector(".theme");
  const inputs = [...themes.querySelectorAll("input")];
  const chosen = inputs.find(({ value }) => value === remembered()) ?? inputs[0];
  chosen.checked = true;
  apply(chosen.value);
  themes.hidden = false;
  themes.addEventListener("change", ({ target }) => {
    apply(target.value);
    remember(target.value);
  });
})();
