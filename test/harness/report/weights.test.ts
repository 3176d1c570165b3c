/** Which metrics the decision offers: those whose facts say what they decide. */
import { expect, it } from "vitest";
import { decisionData } from "../../../src/harness/report/analysis/decision-data.ts";
import { viewOf } from "../../../src/harness/tables/index.ts";
import { fixture } from "./fixture.ts";

it("offers metrics that decide, the ranking one first; of a run that names none, all of one direction", () => {
  const { run, cells } = fixture();
  const offered = (metrics: typeof run.metrics) =>
    decisionData(viewOf({ ...run, metrics }, cells)).metrics.map(({ name }) => name);
  expect(offered(run.metrics)).toEqual(["fid", "recall", "coverage"]);
  const before = run.metrics.map(({ weight: _, ...facts }) => facts);
  expect(offered(before)).toEqual(expect.arrayContaining(["fid", "kid", "precision", "recall", "coverage"]));
});
