/** The report of one run as data. */
import { formatDate, formatList, formatSeconds } from "../../core/format.ts";
import type { ModelFacts } from "../record/index.ts";
import { sectionsOf } from "../stages/readout/index.ts";
import type { CsvFile, RowLink, View } from "../tables/index.ts";
import { decisionData, engineWords, marksOf } from "./analysis/index.ts";
import { factsOf, type Report } from "./section.ts";
import { decisionSection } from "./sections/decision.ts";
import { measuredSection } from "./sections/measured.ts";
import { runSection } from "./sections/run.ts";

export function runReport(view: View, csv: readonly CsvFile[], rowOf: RowLink): Report {
  const { run } = view;
  const { dataset, engine, models, suite, environment } = run;
  const date = formatDate(run.startedAt);
  const sections = sectionsOf(view);
  return {
    title: `GAN or diffusion? ${dataset.name}, ${suite}, ${date}`,
    lead: leadOf(models),
    facts: factsOf({
      Suite: suite,
      Dataset: `${dataset.name}, ${dataset.size} × ${dataset.size} × ${dataset.channels}`,
      Device: `${engine.device.model} (${engineWords(engine)})`,
      Date: date,
      Took: run.seconds === undefined ? undefined : formatSeconds(run.seconds),
    }),
    marks: marksOf(view),
    sections: [
      decisionSection(view, decisionData(view, rowOf), sections),
      ...sections,
      measuredSection(view),
      runSection(view, csv),
    ],
    origin: `run ${run.id} by gan-vs-diffusion-bench ${environment.harness}`,
  };
}

/** What is compared, in a sentence. */
function leadOf(models: readonly ModelFacts[]): string {
  const titles = (trained: boolean) =>
    formatList(models.filter((model) => model.trained === trained).map(({ title }) => title));
  const [here, brought] = [titles(true), titles(false)];
  if (brought === "") return `${here}, trained on the same data and measured on the same machine.`;
  const parts = [
    ...(here === "" ? [] : [`${here}, trained on the same data`]),
    `${brought}, not trained here`,
  ];
  return `${parts.join("; ")}; measured on the same machine.`;
}
