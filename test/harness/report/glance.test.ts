import { describe, expect, it } from "vitest";
import { bestSetting } from "../../../src/harness/stages/diversity/tables.ts";
import { frontSection } from "../../../src/harness/stages/latency/section.ts";
import { describeSetting, sideOf, viewOf } from "../../../src/harness/tables/index.ts";
import { fixture } from "./fixture.ts";

const { run, cells } = fixture({ everyStage: true, seeds: [1, 2] });
const view = viewOf(run, cells);

const picturesOf = (parts: ReturnType<typeof frontSection>["parts"]) =>
  parts.flatMap((part) => (part.kind === "pictures" ? part.pictures : []));

describe("the first look", () => {
  it("shows real images, and what each family draws at its best", () => {
    const best = (["gan", "diffusion"] as const).map((side) => {
      const settings = run.models
        .filter(({ id }) => sideOf(view, id) === side)
        .flatMap(({ id }) => bestSetting(view, id) ?? []);
      const least = Math.min(...settings.map(({ reading }) => reading.value));
      return describeSetting(view, settings.find(({ reading }) => reading.value === least)!.point);
    });
    const { parts } = frontSection(view);
    expect(parts[0]!.kind).toBe("pictures");
    expect(picturesOf(parts).map(({ label }) => label)).toEqual(["real images", ...best]);
  });

  it("draws real images and noise as levels of the plane of quality and time", () => {
    const [chart] = frontSection(view).parts.flatMap((part) => (part.kind === "charts" ? part.charts : []));
    const drawn = JSON.stringify(chart!.spec);
    expect(drawn).toMatch(/real images, the floor: /);
    expect(drawn).toMatch(/noise, the ceiling: /);
  });

  it("has no pictures where no setting has any", () => {
    const without = cells.filter((cell) => cell.state !== "done" || cell.record.kind !== "diversity");
    expect(picturesOf(frontSection(viewOf(run, without)).parts)).toEqual([]);
  });
});
