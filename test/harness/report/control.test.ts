/** What tables, page and comparison say of holes filled, weights chosen and classifiers taught. */
import { describe, expect, it } from "vitest";
import { snapshotOf } from "../../../src/harness/compare/snapshot.ts";
import { controlSection } from "../../../src/harness/stages/control/section.ts";
import { tables } from "../../../src/harness/stages/readout/index.ts";
import { csvFiles, viewOf } from "../../../src/harness/tables/index.ts";
import { fixture } from "./fixture.ts";

/** The fixture, its diffusion model told labels, and each of its holes filled a second time without. */
function told() {
  const { run, cells, ...rest } = fixture({ everyStage: true, seeds: [1] });
  const models = run.models.map((one) => (one.id === "ddpm" ? { ...one, classes: 10 } : one));
  return {
    ...rest,
    run: { ...run, models },
    cells: cells.map((cell) => {
      if (cell.state !== "done" || cell.record.kind !== "control" || cell.record.model !== "ddpm")
        return cell;
      const inpainting = cell.record.inpainting.flatMap((one) => [
        one,
        { ...one, error: { ...one.error, value: 0.9 }, filled: { ...one.filled!, told: false, fid: 21 } },
      ]);
      return { ...cell, record: { ...cell.record, inpainting } };
    }),
  };
}

const made = told();
const view = viewOf(made.run, made.cells);
const files = csvFiles(view, tables);
const readings = snapshotOf(made).rows;

const csv = (name: string) => {
  const [header, ...rows] = files
    .find(({ path }) => path === `csv/${name}.csv`)!
    .text.trim()
    .split("\n")
    .map((line) => line.split(","));
  return rows.map((row) => Object.fromEntries(row.map((value, i) => [header![i]!, value])));
};

describe("holes filled", () => {
  it("told the label and not are rows of their own, in files, charts and comparisons", () => {
    const rows = csv("inpainting").filter(({ model }) => model === "ddpm");
    expect(rows.map(({ mask, told, fid }) => [mask, told, Number(fid) === 21])).toEqual([
      ["centre", "yes", false],
      ["centre", "no", true],
      ["half", "yes", false],
      ["half", "no", true],
    ]);
    const keys = readings.map(({ key }) => key);
    for (const last of ["fill-centre/fid", "fill-centre-unlabelled/fid", "fill-half-unlabelled/accuracy"])
      expect(keys).toContain(`control/ddpm/ddim-20/${last}`);
    const times = csv("stage_time").filter(({ stage, model }) => stage === "control" && model === "ddpm");
    expect(times.map(({ setting }) => setting)).toContain('"mask=centre');
  });

  it("have an error that is no reading, since a comparison would call blur an improvement", () => {
    expect(csv("inpainting")[0]).toHaveProperty("rmse");
    expect(readings.some(({ metric }) => metric === "rmse")).toBe(false);
    expect(readings.find(({ key }) => key.endsWith("fill-centre/fid"))).toMatchObject({
      direction: "lower",
      protocol: "n 50 against 1000, whole sets",
    });
  });

  it("are drawn by label kept, FID and diversity over error: nothing is drawn over the mean fill's error", () => {
    const text = JSON.stringify(controlSection(view).parts);
    for (const axis of ["FID of the filled images", "label kept", "diversity / error"])
      expect(text).toContain(axis);
    expect(text).not.toContain("error of the mean fill");
  });
});

it("a weight that validation samples chose is marked as such beside the others", () => {
  const rows = csv("control").filter(({ model }) => model === "ddpm");
  expect(rows.map(({ guidance, chosen }) => [guidance, chosen])).toEqual([
    ["0", "no"],
    ["0.5", "no"],
    ["1", "no"],
    ["2", "yes"],
    ["4", "no"],
  ]);
  expect(rows.every(({ validation_n, validation_coverage }) => validation_n && validation_coverage)).toBe(
    true,
  );
  const gan = csv("control").find(({ model }) => model === "dcgan")!;
  expect([gan.chosen, gan.validation_accuracy]).toEqual(["", ""]);
});

it("a taught classifier is a row of its file and a reading, higher being better", () => {
  expect(
    csv("cas").map(({ model, n, accuracy, real_accuracy }) => [model, n, accuracy, real_accuracy]),
  ).toEqual([
    ["ddpm", "1000", "0.81", "0.93"],
    ["dcgan", "1000", "0.72", "0.93"],
  ]);
  expect(
    readings.find(({ key }) => key === "control/dcgan/one-pass/taught-classifier/accuracy"),
  ).toMatchObject({
    direction: "higher",
    protocol: "n 1000, 10048 images seen, 1000 tested",
  });
});
