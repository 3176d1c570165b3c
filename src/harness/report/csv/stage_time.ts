import { records } from "../analysis/index.ts";
import * as c from "./columns.ts";
import { type CsvValue, table } from "./table.ts";

/** A time of one record, before it is known which stage's it is. */
interface Time {
  readonly model: string;
  readonly seed: number;
  readonly setting: CsvValue;
  readonly step?: CsvValue;
  readonly quantity: string;
  readonly value: number;
}

export const stageTime = table({
  describe:
    "Times that stages besides latency and training took note of; one row a quantity. Differs between runs of one seed.",
  timing: true,
  columns: {
    stage: { meaning: "stage that measured it" },
    model: c.model,
    seed: c.seed,
    setting: {
      meaning: "control: guidance=w or mask=kind; data: train_images=n; distill and stability: empty",
    },
    step: { meaning: "training step, of seconds until a snapshot" },
    quantity: {
      meaning:
        "milliseconds_per_image, snapshot_seconds (training until then), training_seconds, with_teacher_seconds",
    },
    value: { meaning: "in the quantity's own unit" },
  },
  rows(_run, cells) {
    const control = records(cells, "control").flatMap(({ model, seed, points, inpainting }): Time[] => [
      ...points.map(({ guidance, millisecondsPerImage }) => ({
        model,
        seed,
        setting: guidance === undefined ? undefined : `guidance=${guidance}`,
        quantity: "milliseconds_per_image",
        value: millisecondsPerImage,
      })),
      ...inpainting.map(({ mask, millisecondsPerImage }) => ({
        model,
        seed,
        setting: `mask=${mask}`,
        quantity: "milliseconds_per_image",
        value: millisecondsPerImage,
      })),
    ]);
    const stability = records(cells, "stability").flatMap(({ model, seed, quality }): Time[] =>
      (quality?.snapshots ?? []).map(({ step, seconds }) => ({
        model,
        seed,
        setting: undefined,
        step,
        quantity: "snapshot_seconds",
        value: seconds,
      })),
    );
    const data = records(cells, "data").flatMap(({ model, seed, trainImages, snapshots }): Time[] =>
      snapshots.map(({ step, seconds }) => ({
        model,
        seed,
        setting: `train_images=${trainImages}`,
        step,
        quantity: "snapshot_seconds",
        value: seconds,
      })),
    );
    const distill = records(cells, "distill").flatMap(({ seed, cost }): Time[] =>
      cost.flatMap(({ model, seconds, withTeacherSeconds }) => [
        { model, seed, setting: undefined, quantity: "training_seconds", value: seconds },
        { model, seed, setting: undefined, quantity: "with_teacher_seconds", value: withTeacherSeconds },
      ]),
    );
    const rows = (stage: string, times: readonly Time[]) =>
      times.map(({ model, seed, setting, step, quantity, value }) => ({
        stage,
        model,
        seed,
        setting,
        step,
        quantity,
        value,
      }));
    return [
      ...rows("stability", stability),
      ...rows("control", control),
      ...rows("data", data),
      ...rows("distill", distill),
    ];
  },
});
