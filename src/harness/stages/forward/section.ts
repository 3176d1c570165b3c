/** What noise schedules do to the signal. */
import { formatNumber } from "../../../core/format.ts";
import { type Chart, lookOf, plot } from "../../report/charts/index.ts";
import { charts, pictures, type Section, tablePart } from "../../report/section.ts";
import { inCsv, numbers, shown, type View } from "../../tables/index.ts";
import { bestQualityChart } from "../diversity/best.ts";
import { picture } from "../readout/pictures.ts";
import { forward } from "./tables.ts";

export function forwardSection(view: View): Section {
  const found = view.records("forward");
  const name = nameOf(view);
  const schedules = new Set(found.map(({ alphaBar }) => JSON.stringify(alphaBar)));
  return {
    id: "schedules",
    title: "Noise schedules",
    parts: [
      ...charts(
        curve(view, "log-snr", {
          column: "log_snr",
          title: "Signal-to-noise ratio",
          description:
            "Natural logarithm of the signal's variance over the noise's along the process, input scaling included.",
        }),
        curve(view, "alpha-bar", {
          column: "alpha_bar",
          title: "Signal left",
          description: "Share of the variance that is signal, alphaBar, along the process.",
        }),
      ),
      ...tablePart(
        "How much signal the last step and the others leave",
        numbers(
          forward.rows(view).filter(({ step }, i, all) => i === 0 || step <= all[i - 1]!.step),
          {
            ...shown(
              view,
              forward,
              "model",
              "schedule",
              "timesteps",
              "input_scale",
              "terminal_snr",
              "gone_share",
              "gone_below",
            ),
          },
          inCsv(forward, ({ model }) => ({ model })),
        ),
        forward.name,
      ),
      ...pictures(
        "Forward noising, from the image to noise",
        found.map((one) =>
          picture(name(one), one.strip, `${name(one)}, test images noised further from left to right`),
        ),
        "wide",
      ),
      ...(schedules.size > 1
        ? charts(
            bestQualityChart(view, {
              id: "quality-by-schedule",
              title: "Quality by schedule",
              of: ({ side, teacher }) => side === "diffusion" && teacher === undefined,
            }),
          )
        : []),
      ...pictures(
        "Timestep encoding",
        found.map((one) => ({
          label: name(one),
          file: one.encoding.file,
          caption: one.encoding.caption,
          alt: `${name(one)}, timestep encoding, a row a step and a column a component: ${one.encoding.caption}`,
        })),
        "stretched",
      ),
    ],
    protocol: [
      "The curves are the schedule's own arithmetic in float64, input scaling included. Sampling starts from pure noise as if nothing were left of the signal: what the last step leaves is a mismatch.",
      "A step teaches little where its signal-to-noise ratio is below the stated one: there the image cannot be seen.",
    ],
  };
}

const nameOf =
  (view: View) =>
  ({ model, schedule }: { readonly model: string; readonly schedule: string }): string =>
    `${view.title(model)}, ${schedule}`;

/** Every how many steps a row of numbers stands under the chart. */
const SHOWN_EVERY = 10;

/** A quantity along the process, a line a model. */
function curve(
  view: View,
  id: string,
  { column, title, description }: { column: "log_snr" | "alpha_bar"; title: string; description: string },
): Chart | undefined {
  const rows = forward.rows(view);
  const read = (row: (typeof rows)[number]) => (column === "log_snr" ? row.logSnr : row.alphaBar);
  const kept = rows.filter(({ step }, i) => i % SHOWN_EVERY === 0 || (rows[i + 1]?.step ?? 0) <= step);
  const name = nameOf(view);
  return plot({
    id,
    title,
    description,
    height: 240,
    rows: kept,
    columns: shown(view, forward, "model", "schedule", "step", column),
    source: inCsv(forward, ({ model, step }) => ({ model, step })),
    draws: () => false,
    extra: view.records("forward").map((record) => ({
      ...lookOf(view, record.model),
      label: name(record),
      symbol: "line",
      points: rows
        .filter(({ model }) => model === record.model)
        .map((row) => ({
          x: row.step / row.timesteps,
          y: read(row),
          tip: `${name(row)}\nstep ${row.step} of ${row.timesteps}: ${formatNumber(read(row))}`,
        })),
    })),
    pointSize: 0,
    x: { title: "share of the process, t / T", scale: "linear", domain: [0, 1], of: ({ step }) => step },
    y: { title: forward.columns[column].title ?? title, scale: "linear", of: read },
    line: ({ model }) => ({ ...lookOf(view, model), label: view.title(model) }),
  });
}
