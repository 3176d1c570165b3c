import { describe, expect, it } from "vitest";
import { agreementParts, agreements, confirmed } from "../../../src/harness/stages/diversity/judges.ts";
import { viewOf } from "../../../src/harness/tables/index.ts";
import { fixture } from "./fixture.ts";

describe("judges that confirm", () => {
  const { run, cells } = fixture();
  const view = viewOf(run, cells);

  it("order the settings nearly as the first does, and say which models change places", () => {
    const [pixels] = agreements(view);
    expect(pixels!.judge).toBe("pixels");
    expect(pixels!.tau).toBeGreaterThan(0.5);
    expect(pixels!.tau).toBeLessThan(1);
    // the fixture's pixels halve a DCGAN's FID of 31, which the diffusion model's 15 stays below
    expect(pixels!.reversed).toEqual([]);
    expect(JSON.stringify(agreementParts(view))).toContain("no two models change places");
  });

  it("reverse two models where their pixels say so", () => {
    const turned = cells.map((cell) => {
      if (cell.state !== "done" || cell.record.kind !== "diversity" || cell.record.model !== "dcgan")
        return cell;
      const settings = cell.record.settings.map((quality) => ({
        ...quality,
        confirmed: quality.confirmed?.map((by) => ({
          ...by,
          metrics: by.metrics.map((one) => (one.metric === "fid" ? { ...one, value: 1 } : one)),
        })),
      }));
      return { ...cell, record: { ...cell.record, settings } };
    });
    const other = viewOf(run, turned);
    expect(agreements(other)[0]!.reversed).toHaveLength(1);
    expect(JSON.stringify(agreementParts(other))).toMatch(/it reverses .*DCGAN/);
  });

  it("have a row a set, judge and metric in judges.csv, the anchors first", () => {
    const rows = confirmed.rows(view);
    expect(rows.slice(0, 4).map(({ model, judge, metric }) => [model, judge, metric])).toEqual([
      ["real", "pixels", "fid"],
      ["real", "pixels", "coverage_k5"],
      ["noise", "pixels", "fid"],
      ["noise", "pixels", "coverage_k5"],
    ]);
  });

  it("say nothing where one judge stands alone", () => {
    const alone = cells.map((cell) => {
      if (cell.state !== "done" || cell.record.kind !== "diversity") return cell;
      const settings = cell.record.settings.map((quality) => ({ ...quality, confirmed: undefined }));
      return { ...cell, record: { ...cell.record, settings } };
    });
    expect(agreementParts(viewOf(run, alone))).toEqual([]);
  });
});
