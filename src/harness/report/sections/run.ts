/** How to repeat the run and what it ran on: command, files, environment, engine ladder, configuration. */
import { stringify } from "yaml";
import { formatNumber, plural } from "../../../core/format.ts";
import { typedAnywhere } from "../../../core/package-root.ts";
import type { CsvFile, View } from "../../tables/index.ts";
import { accuracyText } from "../analysis/index.ts";
import { facts, factsOf, heading, type Section, tablePart } from "../section.ts";

export function runSection({ run, records }: View, csv: readonly CsvFile[]): Section {
  const { environment, engine, dataset } = run;
  const { device } = engine;
  const classifier = records("classifier")[0];
  return {
    id: "run",
    title: "The run",
    parts: [
      heading("Repeat it"),
      { kind: "code", code: typedAnywhere(run.command) },
      heading("Files"),
      { kind: "files", files: csv },
      heading("Environment"),
      facts(
        factsOf({
          Harness: environment.harness,
          Node: `${environment.node} on ${environment.platform}/${environment.arch}`,
          Processor: `${environment.cpu}, ${plural(environment.cores, "core")}`,
          Memory: `${formatNumber(environment.memoryGiB)} GiB`,
          Device: `${device.model}${device.threads === undefined ? "" : `, ${plural(device.threads, "thread")}`}`,
          Driver: device.driver,
          Sampling: engine.precision && `in ${engine.precision}; training and judging in float32`,
          Libraries: Object.entries(engine.runtime)
            .map(([name, version]) => `${name} ${version}`)
            .join(", "),
          Dataset: `${dataset.name}: ${plural(dataset.train, "training image")}, ${plural(dataset.test, "test image")}, ${plural(dataset.classes.length, "class", "classes")}, ${plural(dataset.modes.length, "mode")}`,
          "Dataset hash": { code: dataset.hash },
          Classifier:
            classifier && `${accuracyText(classifier)} Its features have width ${classifier.featureWidth}.`,
          "Classifier hash": classifier && { code: classifier.weights },
          "Configuration hash": { code: run.configHash },
          Run: { code: run.id },
        }),
      ),
      ...tablePart("Engines tried, best first", {
        columns: ["engine", "provider", "outcome"],
        rows: [
          ...engine.refused.map(({ engine, provider, reason }) => [engine, provider, `refused: ${reason}`]),
          [engine.name, engine.provider, `taken, on ${device.software ? "a software " : ""}${device.kind}`],
        ],
      }),
      { kind: "code", title: "Configuration", code: stringify(run.config) },
    ],
  };
}
