// Questions that the browser test asks inside the page; handed in by the test, so that the page's policy stays strict.
globalThis.probes = {
  /** Brings every chart near the window, one after another, and waits until it is drawn; false where there is none. */
  drawAll: async () => {
    const figures = [...document.querySelectorAll(".chart-figure")];
    for (const figure of figures) {
      figure.scrollIntoView({ block: "center", behavior: "instant" });
      while (!figure.querySelector(".chart div svg.marks g.role-mark"))
        await new Promise((resolve) => setTimeout(resolve, 5));
    }
    scrollTo({ top: 0, behavior: "instant" });
    return figures.length > 0;
  },

  /** Pixels by which the page is wider than its window. */
  overflow: () => document.documentElement.scrollWidth - document.documentElement.clientWidth,

  widthOf: (selector) => document.querySelector(selector).getBoundingClientRect().width,

  /** Width of each chart and the marks in it that take room, by the figure's id. */
  charts: () =>
    [...document.querySelectorAll(".chart-figure")].map((figure) => ({
      id: figure.id,
      width: figure.querySelector("svg.marks").getBoundingClientRect().width,
      marks: [...figure.querySelectorAll(".role-mark path, .role-mark line")].filter((mark) => {
        const { width, height } = mark.getBoundingClientRect();
        return width > 0 || height > 0;
      }).length,
    })),

  look: () => ({
    page: getComputedStyle(document.body).backgroundColor,
    line: getComputedStyle(document.querySelector("#quality-fid .mark-line path")).stroke,
    label: getComputedStyle(document.querySelector("#quality-fid .role-axis-label text")).fill,
  }),

  /** Texts whose contrast to what lies behind them is below `least` (WCAG 2.1, relative luminance). */
  poorContrast: (least) => {
    const channels = (color) => color.match(/[\d.]+/g).map(Number);
    const luminance = (color) => {
      const [r, g, b] = channels(color)
        .slice(0, 3)
        .map((c) => (c <= 10.31475 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ground = (element) => {
      if (!element) return "rgb(255, 255, 255)";
      const color = getComputedStyle(element).backgroundColor;
      return (channels(color)[3] ?? 1) > 0 ? color : ground(element.parentElement);
    };
    const texts = [...document.querySelectorAll("body *")].filter(
      (element) =>
        element.getClientRects().length > 0 &&
        [...element.childNodes].some(({ nodeType, textContent }) => nodeType === 3 && textContent.trim()),
    );
    return texts.flatMap((element) => {
      const style = getComputedStyle(element);
      const ink = luminance(element instanceof SVGElement ? style.fill : style.color);
      const paper = luminance(ground(element));
      const contrast = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
      return contrast < least ? [`${contrast.toFixed(2)} ${element.tagName} ${element.textContent}`] : [];
    });
  },

  /** What axe-core, once it is in the page, finds serious or critical: rule, element, and why. */
  faults: async () => {
    const { violations } = await globalThis.axe.run(document);
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .flatMap(({ id, nodes }) =>
        nodes.map(({ target, failureSummary }) => `${id} ${target}: ${failureSummary}`),
      );
  },
};
