/** Vega-Lite to Vega, and Vega to a still SVG, both in Node. Whatever Vega warns of is collected, never printed. */
import { type LoggerInterface, parse, type Spec, View } from "vega";
import { expressionInterpreter } from "vega-interpreter";
import { type Config, compile, type TopLevelSpec } from "vega-lite";
import type { Chart } from "./chart.ts";
import { slimSvg } from "./slim.ts";
import { config } from "./theme.ts";

export interface RenderedChart {
  readonly chart: Chart;
  /** Vega specification that the page's script draws at the width there is. */
  readonly spec: Spec;
  /** The same drawing at a fixed width: what is seen without JavaScript. */
  readonly svg: string;
  readonly warnings: readonly string[];
}

export async function renderChart(chart: Chart): Promise<RenderedChart> {
  const drawn = await renderSpec(chart.spec, chart.id, config);
  return { ...drawn, chart, svg: slimSvg(drawn.svg) };
}

/** A specification as SVG; a standalone one brings its own configuration. */
export async function renderSpec(
  source: TopLevelSpec,
  id: string,
  config?: Config,
): Promise<Omit<RenderedChart, "chart">> {
  const warnings: string[] = [];
  const logger = collecting(warnings, id);
  const { spec } = compile(source, { config, logger });
  const view = new View(parse(spec, undefined, { ast: true }), {
    renderer: "none",
    logger,
    expr: expressionInterpreter, // as in the page, where its policy forbids eval
  });
  const svg = await view.toSVG();
  view.finalize();
  return { spec, svg, warnings };
}

/** A Vega logger that keeps warnings and errors, each with the chart's id. */
function collecting(into: string[], id: string): LoggerInterface {
  const keep = (...args: readonly unknown[]) => {
    into.push(`chart ${id}: ${args.map(String).join(" ")}`);
    return logger;
  };
  const drop = () => logger;
  const logger = { level: () => logger, error: keep, warn: keep, info: drop, debug: drop } as LoggerInterface;
  return logger;
}
