/** Tuning in a report: what it says of effort, and where a model runs otherwise than it was tuned. */
import { describe, expect, it } from "vitest";
import type { Run, Search } from "../../../src/harness/record/index.ts";
import { decide, tuningNotes } from "../../../src/harness/report/analysis/index.ts";
import { sectionsOf } from "../../../src/harness/stages/readout/index.ts";
import { tuneFinding } from "../../../src/harness/stages/tune/claim.ts";
import { countedValues, expectedCurve, searches } from "../../../src/harness/stages/tune/tables.ts";
import { viewOf } from "../../../src/harness/tables/index.ts";
import { madeSearch } from "./fixture/tuning.ts";
import { fixture } from "./fixture.ts";

const wide = madeSearch("gan", { spread: 1.5 });
const narrow = madeSearch("ddpm", { spread: 0.1 });

describe("the claim about tuning", () => {
  it("follows the ratio of what searching is worth", () => {
    expect(tuneFinding(wide, narrow)).toMatchObject({
      outcome: "holds",
      text: expect.stringMatching(
        /^The best of 7 drawn settings improves fid over one by a factor of 14 for the GAN and 1\.2 for diffusion; ratio .* 95% confidence\.$/,
      ),
    });
    expect(tuneFinding(narrow, wide).outcome).toBe("does not hold here");
    expect(tuneFinding(narrow, madeSearch("other", { spread: 0.1 })).outcome).toBe("inconclusive");
  });

  it.each<[string, Search, RegExp]>([
    ["unequal trials", madeSearch("a", { trials: 8 }), /The GAN has had 16 trials and diffusion 8/],
    ["another metric", { ...narrow, metric: { ...narrow.metric, name: "kid" } }, /different measures/],
    ["another n", { ...narrow, metric: { ...narrow.metric, n: 100 } }, /different measures/],
  ])("is open with %s", (_, search, text) => {
    expect(tuneFinding(wide, search)).toMatchObject({
      outcome: "inconclusive",
      text: expect.stringMatching(text),
    });
  });

  it("is open with few trials, and says how many would do", () => {
    const few = madeSearch("few", { trials: 8 });
    expect(tuneFinding(few, few)).toMatchObject({
      outcome: "inconclusive",
      text: expect.stringMatching(/^7 drawn trials of a model carry no interval, 8 can\.$/),
    });
  });

  it("counts a trial that diverged as the worst of its model, and says so", () => {
    const lost = madeSearch("gan", { spread: 1.5, lost: true });
    const known = wide.rungs[0]!.values.filter(({ trial }) => trial > 1).map(({ value }) => value!);
    expect(countedValues(lost)).toEqual({ values: [Math.max(...known), ...known], lost: 1 });
    expect(tuneFinding(lost, narrow).text).toContain("(without a value: 1 and 0 trials)");
  });

  it("takes the higher value for the better where the metric does", () => {
    expect(expectedCurve([1, 2, 4], "higher")).toEqual([7 / 3, 10 / 3, 4].map((x) => expect.closeTo(x, 12)));
  });
});

/** The made run with these facts of its two models. */
function runWith(...facts: Partial<Run["models"][number]>[]) {
  const { run, cells } = fixture();
  const models = run.models.map((model, i) => ({ ...model, imagesSeen: 16_000, ...facts[i] }));
  return { run: { ...run, models }, cells };
}
const notesOf = (...facts: Parameters<typeof runWith>) => {
  const { run, cells } = runWith(...facts);
  return tuningNotes(viewOf(run, cells));
};
const tuned = (search: Search) => ({ tuning: search, options: { latent: 8, ...search.best?.options } });

describe("what weakens a comparison", () => {
  it("is nothing where both run as equal searches chose", () => {
    expect(notesOf(tuned(narrow), tuned(wide))).toEqual([]);
  });

  it("is a deliberately bad rate of one family, named with what the search chose, in the decision too", () => {
    const bad = { ...tuned(wide), options: { latent: 8, learningRate: 0.0001, ema: 0.99 } };
    const [note, ...others] = notesOf(tuned(narrow), bad);
    expect(others).toEqual([]);
    expect(note).toMatch(
      / does not run as it was tuned: learningRate 0\.0001, where the search chose 0\.001\./,
    );
    const { run, cells } = runWith(tuned(narrow), bad);
    expect(decide(run, cells).caveats).toContain(note);
    const unset = { ...tuned(wide), options: { latent: 8, learningRate: 0.001 } };
    expect(notesOf(tuned(narrow), unset)[0]).toContain("ema undefined, where the search chose 0.99");
  });

  it("is another budget than the search's", () => {
    expect(notesOf(tuned(narrow), { ...tuned(wide), imagesSeen: 64_000 })).toEqual([
      expect.stringMatching(/ was tuned for 16,000 training images and sees 64,000: /),
    ]);
  });

  it("is effort that is unequal, or not stated", () => {
    expect(notesOf(tuned(narrow), tuned(madeSearch("a", { trials: 8 })))).toEqual([
      expect.stringMatching(
        /not tuned equally \(.* 16 trials and .* 8 trials\), which weakens any lead of DDPM U-Net/,
      ),
    ]);
    expect(notesOf(tuned(narrow))[0]).toMatch(/^The tuning effort is not stated for every model/);
    expect(notesOf()[0]).toMatch(/^The tuning effort is not stated for any model/);
  });
});

it("a report shows the searches behind its settings, without a cell of them", () => {
  const { run, cells } = runWith(tuned(narrow), tuned(wide));
  const view = viewOf(run, cells);
  expect(searches(view).map(({ model }) => model)).toEqual(["ddpm", "dcgan"]);
  const section = sectionsOf(view).find(({ id }) => id === "tune")!;
  expect(section.verdict!.outcome).toBe("holds");
  const [chart, effort, space] = section.parts;
  if (chart?.kind !== "charts" || effort?.kind !== "table" || space?.kind !== "table")
    throw new Error("other parts");
  expect(chart.charts[0]!.table.rows).toHaveLength(15 + 15); // the first trial is no draw
  expect(effort.table.rows.map((row) => row.at(-1))).toEqual(["0.4", "0.4"]);
  expect(space.table.rows).toContainEqual(["DDPM U-Net", "ema", "one of 0, 0.99", "0", "0.99"]);
});
