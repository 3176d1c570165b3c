import { describe, expect, it } from "vitest";
import { compareRuns } from "../../../src/harness/compare/compare.ts";
import { type JudgeOptions, usual } from "../../../src/harness/compare/options.ts";
import { type Comparison, exitCodesOf, type RowResult } from "../../../src/harness/compare/result.ts";
import type { Snapshot } from "../../../src/harness/compare/snapshot.ts";
import { type MadeRow, machine, quality, sha, snapshot, timing } from "./made.ts";

interface More {
  options?: Partial<JudgeOptions>;
  allowMismatch?: boolean;
  strict?: boolean;
  patterns?: string[];
  only?: "quality" | "timing";
  nights?: Snapshot[];
}

const compare = (base: Snapshot, head: Snapshot, more: More = {}): Comparison =>
  compareRuns({
    base: { label: "base", snapshot: base },
    head: { label: "head", snapshot: head },
    options: { ...usual, ...more.options },
    select: { patterns: more.patterns ?? [], only: more.only },
    allowMismatch: more.allowMismatch ?? false,
    strict: more.strict ?? false,
    nights: more.nights,
    notices: [],
  });

const row = (comparison: Comparison, key: string): RowResult => {
  const found = comparison.rows.find((row) => row.key === key);
  if (!found) throw new Error(`no row ${key}`);
  return found;
};

/** n values that spread by 1% about a level. */
const about = (level: number, n: number, shift = 0) =>
  Array.from({ length: n }, (_, i) => level * (1 + 0.01 * (((i * 7 + shift) % n) / n - 0.5)));

const one = (before: MadeRow, after: MadeRow, more: More = {}) =>
  row(compare(snapshot("a", [before]), snapshot("b", [after]), more), before.key);

describe("verdicts", () => {
  it("a time that grew in every process has regressed, with old, new, change, interval, p and threshold", () => {
    const found = one(timing("t", about(10, 8)), timing("t", about(12, 8, 3)));
    expect(found).toMatchObject({ verdict: "regressed", unit: "process", test: "Mann-Whitney" });
    expect(found.old!.value).toBeCloseTo(10, 1);
    expect(found.now!.value).toBeCloseTo(12, 1);
    expect(found.change!.value).toBeCloseTo(0.2, 2);
    expect(found.change!.low).toBeGreaterThan(0.18);
    expect(found.change!.high).toBeLessThan(0.22);
    expect(found.p).toBeCloseTo(2 / 12870, 10);
    expect(found.threshold).toEqual({ value: expect.closeTo(0.05, 10), floor: expect.closeTo(0.05, 10) });
  });

  it.each([
    ["lower", 12, "regressed"],
    ["lower", 8, "improved"],
    ["higher", 12, "improved"],
    ["higher", 8, "regressed"],
    ["two-sided", 12, "regressed"],
    ["two-sided", 8, "regressed"],
  ] as const)("where %s is better, 10 to %f has %s", (direction, level, verdict) => {
    const rows = [about(10, 8), about(level, 8)].map((values) => ({ ...timing("t", values), direction }));
    expect(one(rows[0]!, rows[1]!).verdict).toBe(verdict);
  });

  it("a two-sided metric that comes nearer to its value for real images has improved", () => {
    const at = (level: number) =>
      quality("d/ms_ssim", about(level, 8), { direction: "two-sided", target: 0.3 });
    expect(one(at(0.6), at(0.4)).verdict).toBe("improved");
    expect(one(at(0.4), at(0.6)).verdict).toBe("regressed");
    expect(one(at(0.4), at(0.1)).verdict).toBe("regressed");
  });

  it("an unexpectedly better FID is told", () => {
    const found = one(quality("d/fid", about(14, 8)), quality("d/fid", about(10, 8, 3)));
    expect(found).toMatchObject({ verdict: "improved", test: "paired permutation" });
  });

  it("the same numbers are unchanged, however few", () => {
    const found = one(quality("d/fid", [14]), quality("d/fid", [14]));
    expect(found).toMatchObject({ verdict: "unchanged", notes: ["every value is the very same number"] });
  });

  it("one seed that moved is inconclusive, and says how many it takes to begin with", () => {
    const found = one(quality("d/fid", [14]), quality("d/fid", [20]));
    expect(found).toMatchObject({
      verdict: "inconclusive",
      detects: { power: 0, needs: { n: 4, of: "seeds" } },
    });
  });

  it("three processes that are all slower are inconclusive: so few cannot reach 5%", () => {
    const found = one(timing("t", about(10, 3)), timing("t", about(20, 3)));
    expect(found.verdict).toBe("inconclusive");
    expect(found.detects!.needs).toEqual({ n: 4, of: "processes" });
    expect(one(timing("t", about(10, 4)), timing("t", about(20, 4))).verdict).toBe("regressed");
  });

  it("values that spread too much for a change of 10% ask for more of them", () => {
    const wide = (shift: number) =>
      Array.from({ length: 6 }, (_, i) => 10 * (1 + 0.3 * (((i * 5 + shift) % 6) / 6)));
    const found = one(timing("t", wide(0)), timing("t", wide(1.5)));
    expect(found.verdict).toBe("inconclusive");
    expect(found.detects!.needs!.n).toBeGreaterThan(6);
  });

  it("a change that is significant but below the floor is unchanged", () => {
    const found = one(timing("t", about(10, 10)), timing("t", about(10.3, 10, 3)));
    expect(found.adjustedP).toBeLessThan(0.05);
    expect(found.verdict).toBe("unchanged");
    expect(
      one(timing("t", about(10, 10)), timing("t", about(10.3, 10, 3)), { options: { floor: 0.01 } }).verdict,
    ).toBe("regressed");
  });

  it("noise of a history raises the threshold", () => {
    const nights = Array.from({ length: 12 }, (_, i) =>
      snapshot(`n${i}`, [timing("t", about(10 * (1 + 0.05 * Math.sin(i * 2)), 8))]),
    );
    const [before, after] = [timing("t", about(10, 8)), timing("t", about(11, 8, 3))];
    expect(one(before, after).verdict).toBe("regressed");
    const found = one(before, after, { nights });
    expect(found.verdict).toBe("inconclusive");
    expect(found.threshold!.value).toBeGreaterThan(0.1);
    expect(found.threshold!.nights).toBe(12);
  });

  it("many readings tested together ask for more of each (Holm)", () => {
    const rows = (level: number) => [
      timing("t", about(level, 4)),
      ...Array.from({ length: 20 }, (_, i) => timing(`u${i}`, about(5, 4, level))),
    ];
    const both = [snapshot("a", rows(10)), snapshot("b", rows(12))] as const;
    expect(row(compare(...both), "t").verdict).toBe("inconclusive");
    expect(row(compare(...both, { patterns: ["t"] }), "t").verdict).toBe("regressed");
    expect(compare(...both, { patterns: ["u*"] }).rows).toHaveLength(20);
    expect(() => compare(...both, { patterns: ["v"] })).toThrow(/--metric v fits no reading; known: t, u0/);
  });

  it("seeds in pairs are tested as pairs where there are enough", () => {
    const spread = [10, 14, 9, 17, 12, 8, 16, 11];
    const found = one(
      quality("d/fid", spread),
      quality(
        "d/fid",
        spread.map((x) => x * 1.2),
      ),
    );
    expect(found).toMatchObject({ verdict: "regressed", test: "paired permutation", p: 2 ** -7 });
    expect(
      one(
        quality("d/fid", spread.slice(0, 5)),
        quality(
          "d/fid",
          spread.slice(0, 5).map((x) => x * 1.2),
        ),
      ).test,
    ).toBe("permutation");
  });
});

describe("what is lost, new or failed", () => {
  const both = [quality("d/fid", about(10, 4)), timing("t", about(5, 4))];

  it("a reading that is gone has vanished, with the reason, and a new one is told", () => {
    const head = snapshot("b", [quality("d/fid", about(10, 4)), timing("s", about(1, 4))]);
    head.missing.push({ key: "t", unit: "process 0", why: "the clock stood still" });
    const result = compare(snapshot("a", both), head);
    expect(row(result, "t")).toMatchObject({ verdict: "vanished", notes: ["the clock stood still"] });
    expect(row(result, "s").verdict).toBe("new");
    expect(exitCodesOf(result)).toContain(5);
  });

  it("a failed cell, and one that only the baseline finished, are losses", () => {
    const head = snapshot("b", both);
    head.cells[0] = { ...head.cells[0]!, state: "failed", why: "ENGINE_FAILED: out of memory" };
    head.cells[1] = { ...head.cells[1]!, state: "unfinished" };
    const { losses } = compare(snapshot("a", both), head);
    expect(losses).toEqual([
      { what: "cell diversity/ddpm/seed-0", state: "failed", why: "ENGINE_FAILED: out of memory" },
      { what: "cell diversity/ddpm/seed-1", state: "unfinished", why: "the run did not finish it" },
    ]);
  });

  it("a metric that became undefined for one seed is a loss, the others are still judged", () => {
    const head = snapshot("b", [quality("d/fid", about(10, 3)), timing("t", about(5, 4))]);
    head.missing.push({ key: "d/fid", unit: "seed 3", why: "all images are equal" });
    const result = compare(snapshot("a", both), head);
    expect(result.losses).toEqual([
      { what: "d/fid, seed 3", state: "undefined", why: "all images are equal" },
    ]);
    expect(row(result, "d/fid").now!.n).toBe(3);
  });
});

describe("fingerprints", () => {
  const rows = [quality("d/fid", about(10, 8)), timing("t", about(5, 8))];
  const verdicts = (result: Comparison) => [row(result, "d/fid").verdict, row(result, "t").verdict];
  const base = snapshot("a", rows);

  it.each(Object.keys(machine))("another %s keeps timing apart, and quality together", (field) => {
    const head = snapshot("b", rows, { machine: { ...machine, [field]: "other" } });
    const result = compare(base, head);
    expect(verdicts(result)).toEqual(["unchanged", "not comparable"]);
    expect(row(result, "t").mismatches).toEqual([{ field, base: machine[field as "node"], head: "other" }]);
    expect(exitCodesOf(result)).toEqual([4]);
    const allowed = compare(base, head, { allowMismatch: true });
    expect(verdicts(allowed)).toEqual(["unchanged", "unchanged"]);
    expect(row(allowed, "t").mismatches).toHaveLength(1);
    expect(exitCodesOf(allowed)).toEqual([]);
    expect(exitCodesOf(compare(base, head, { only: "quality" }))).toEqual([]);
  });

  it("a driver that one side does not have, another precision", () => {
    expect(verdicts(compare(base, snapshot("b", rows, { machine: { ...machine, driver: "550" } })))).toEqual([
      "unchanged",
      "not comparable",
    ]);
    expect(verdicts(compare(base, snapshot("b", rows, { precision: "tf32" })))).toEqual([
      "not comparable",
      "not comparable",
    ]);
  });

  it.each(["protocol", "classifier"] as const)("another %s keeps its reading apart", (field) => {
    const value = field === "protocol" ? "n 1000" : sha("other").slice(0, 16);
    const head = snapshot("b", [{ ...rows[0]!, [field]: value }, rows[1]!]);
    expect(verdicts(compare(base, head))).toEqual(["not comparable", "unchanged"]);
  });

  it("cells that are configured otherwise are left out one by one, and their readings refused where none is left", () => {
    const head = snapshot("b", rows);
    head.cells[0] = { ...head.cells[0]!, configHash: sha("other") };
    const some = compare(base, head);
    expect(row(some, "d/fid")).toMatchObject({ verdict: "unchanged", old: { n: 7 }, now: { n: 7 } });
    expect(row(some, "d/fid").notes.join()).toContain(
      "left out because they are configured differently: diversity/ddpm/seed-0",
    );
    for (let i = 0; i < 8; i++) head.cells[i] = { ...head.cells[i]!, configHash: sha(`other ${i}`) };
    expect(verdicts(compare(base, head))).toEqual(["not comparable", "unchanged"]);
    expect(row(compare(base, head), "d/fid").mismatches[0]).toMatchObject({ field: "config" });
  });

  it("a suite that differs is named by option, and data that do by themselves", () => {
    const changed = (config: Snapshot["config"], name: string) => {
      const run = snapshot(name, rows, { config, settings: sha(name) });
      return { ...run, cells: run.cells.map((cell) => ({ ...cell, configHash: sha(`${name} ${cell.id}`) })) };
    };
    const config = (images: number) => ({ models: { ddpm: { images, batch: 32 } }, stages: {} });
    const before = changed(config(640), "a");
    expect(row(compare(before, changed(config(160), "b")), "d/fid").mismatches).toEqual([
      { field: "models.ddpm.images", base: "640", head: "160" },
    ]);
    expect(row(compare(before, changed(config(640), "c")), "d/fid").mismatches).toEqual([
      { field: "the data set", base: "another", head: "this one, by its sha256" },
    ]);
    const many = (from: number) =>
      Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`o${i}`, from + i]));
    const [few, more] = [changed({ many: many(0) }, "d"), changed({ many: many(1) }, "e")];
    const named = row(compare(few, more), "d/fid").mismatches;
    expect(named).toHaveLength(7);
    expect(named.at(-1)!.field).toBe("the suite, in 3 further options,");
  });

  it("an estimate that goes against the medians says that it is one", () => {
    // medians 3 and 2.9, but most pairs of values rose
    const [low, high] = [
      [1, 1, 1, 3, 3.1, 3.2, 3.3],
      [2, 2, 2, 2.9, 4, 4, 4],
    ];
    const result = row(compare(snapshot("a", [timing("t", low)]), snapshot("b", [timing("t", high)])), "t");
    expect(result.now!.value).toBeLessThan(result.old!.value);
    expect(result.change!.value).toBeGreaterThan(0);
    expect(result.notes.join()).toContain(
      "old and new are medians, the change is the median of all differences",
    );
    const agreeing = row(compare(base, snapshot("b", [timing("t", about(12, 8, 1))])), "t");
    expect(agreeing.notes.join()).not.toContain("medians");
  });

  it("other seeds compare where the settings are the same, and not where they differ", () => {
    const rename = (run: Snapshot, more: Partial<Snapshot> = {}): Snapshot => ({
      ...run,
      seed: 8,
      cells: run.cells.map(({ id, ...cell }) =>
        id.startsWith("diversity")
          ? { ...cell, id: id.replace("seed-", "seed-1"), configHash: sha(`1${id}`) }
          : { ...cell, id, configHash: sha(`after other seeds ${id}`) },
      ),
      ...more,
    });
    const head = snapshot("b", [quality("d/fid", about(10, 8, 3)), rows[1]!]);
    expect(verdicts(compare(base, rename(head)))).toEqual(["unchanged", "unchanged"]);
    expect(verdicts(compare(base, rename(head, { settings: sha("else") })))).toEqual([
      "not comparable",
      "not comparable",
    ]);
  });

  it("runs without a reading in common are refused", () => {
    expect(() => compare(base, snapshot("b", [timing("else", [1])]))).toThrow(
      expect.objectContaining({ code: "NOT_COMPARABLE" }),
    );
  });
});

it.each<[string[], boolean, boolean, number[]]>([
  [["unchanged"], false, false, []],
  [["regressed"], false, false, [3]],
  [["improved", "new"], false, false, []],
  [["inconclusive"], false, false, []],
  [["inconclusive"], true, false, [4]],
  [["not comparable"], false, false, [4]],
  [["not comparable"], false, true, []],
  [["regressed", "vanished", "not comparable"], false, false, [5, 3, 4]],
])("verdicts %j (strict %s, mismatch allowed %s) earn %j", (verdicts, strict, mismatchAllowed, codes) => {
  const rows = verdicts.map((verdict) => ({ verdict })) as unknown as RowResult[];
  expect(exitCodesOf({ rows, losses: [], strict, mismatchAllowed } as unknown as Comparison)).toEqual(codes);
});
