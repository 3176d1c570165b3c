import { execFileSync } from "node:child_process";
import { appendFile, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { sha256 } from "../../../src/core/hash.ts";
import { commitOf } from "../../../src/harness/compare/history/commit.ts";
import { lineOf } from "../../../src/harness/compare/history/entry.ts";
import { appendHistory, readHistory } from "../../../src/harness/compare/history/files.ts";
import { judgeLatest } from "../../../src/harness/compare/history/night.ts";
import { parseHistory } from "../../../src/harness/compare/history/parse.ts";
import { usual } from "../../../src/harness/compare/options.ts";
import { comparisonPage } from "../../../src/harness/compare/output/page.ts";
import { historyOf, hosted, machine, quality, simulatedNight, snapshot, timing } from "./made.ts";

const request = {
  options: usual,
  select: { patterns: [] },
  allowMismatch: false,
  strict: false,
  notices: [],
};
const latest = (...given: Parameters<typeof historyOf>) => judgeLatest(historyOf(...given), request);

const nights = (count: number, seed = 1) =>
  Array.from({ length: count }, (_, n) => simulatedNight(seed, n, hosted, { readings: 3 }));
const slow = (n: number, seed = 1) => simulatedNight(seed, n, hosted, { readings: 3, slower: 1.1 });

describe("the judging of nights", () => {
  it("finds a step with the commits among which its cause lies, on the first slow night and ever after", () => {
    const before = nights(20);
    for (const more of [1, 8, 14]) {
      const result = latest([...before, ...Array.from({ length: more }, (_, i) => slow(20 + i))]);
      expect(result.rows.map(({ verdict }) => verdict)).toEqual(["regressed", "regressed", "regressed"]);
      if (more === 1) continue; // a level takes a few nights to be one
      for (const { steps } of result.rows) {
        expect(steps).toHaveLength(1);
        expect(steps[0]!.night).toBe(21);
        expect(steps[0]!.after / steps[0]!.before).toBeCloseTo(1.1, 1);
        expect(steps[0]!.suspects).toEqual({ after: before[19]!.commit, upTo: slow(20).commit });
      }
    }
  });

  it("is done with a step once it is accepted, and keeps the old baseline on record", () => {
    const all = [...nights(20), ...Array.from({ length: 9 }, (_, i) => slow(20 + i))];
    const accepts = [{ night: all[21]!.run.id, reason: "safer arithmetic" }];
    const result = latest(all, accepts);
    expect(result.rows.some(({ verdict }) => verdict === "regressed")).toBe(false);
    expect(result.history).toMatchObject({
      nights: 29,
      baseline: { night: 22, reason: "safer arithmetic" },
      accepts: [{ night: 22, reason: "safer arithmetic" }],
    });
    expect(latest(all).history!.baseline).toEqual({ night: 1, id: all[0]!.run.id });
  });

  it("catches many small steps that each stay below the threshold", () => {
    const drifting = Array.from({ length: 60 }, (_, n) =>
      simulatedNight(
        3,
        n,
        { ...hosted, disturbed: 0 },
        { readings: 2, slower: 1 + 0.025 * Math.floor(n / 8) },
      ),
    );
    const { rows } = latest(drifting);
    expect(rows.every(({ verdict }) => verdict === "regressed")).toBe(true);
  });

  it("judges timing against nights of the same machine alone", () => {
    const elsewhere = (n: number) => ({ ...slow(n), machine: { ...machine, device: "Other CPU" } });
    const mixed = Array.from({ length: 30 }, (_, n) =>
      n % 2 === 0 ? elsewhere(n) : simulatedNight(1, n, hosted, { readings: 3 }),
    );
    const { rows } = latest(mixed);
    expect(rows.every(({ verdict }) => verdict !== "regressed" && verdict !== "improved")).toBe(true);
    expect(rows[0]!.notes.join()).toContain("15 of 29 earlier nights do not compare (device)");
    const first = latest([...nights(8), elsewhere(8)]);
    expect(first.rows.every(({ verdict }) => verdict === "not comparable")).toBe(true);
  });

  it("says of a timing with fewer than five nights before it that it cannot tell", () => {
    const { rows } = latest([...nights(4), slow(4)]);
    expect(
      rows.every(({ verdict, detects }) => verdict === "inconclusive" && detects!.needs!.of === "nights"),
    ).toBe(true);
  });

  it("counts a seed's quality once, however many nights repeat it", () => {
    const night = (id: number, values: number[]) => snapshot(`q${id}`, [quality("d/fid", values)]);
    const same = Array.from({ length: 10 }, (_, n) => night(n, [10, 11, 12]));
    expect(latest(same).rows[0]!.verdict).toBe("unchanged");
    const moved = latest([...same, night(10, [20, 22, 24])]).rows[0]!;
    expect(moved).toMatchObject({ verdict: "inconclusive", old: { n: 3 }, now: { n: 3 } });
    expect(moved.detects!.needs!.of).toBe("seeds");
    expect(moved.steps).toMatchObject([{ night: 11, before: 11, after: 22 }]);
  });

  it("tells what vanished since the baseline until that is accepted", () => {
    const both = Array.from({ length: 6 }, (_, n) =>
      snapshot(`v${n}`, [timing("a", [1, 1.01]), timing("b", [2, 2.02])]),
    );
    const rest = Array.from({ length: 3 }, (_, n) => snapshot(`w${n}`, [timing("a", [1, 1.01])]));
    expect(latest([...both, ...rest]).rows.map(({ key, verdict }) => `${key} ${verdict}`)).toContain(
      "b vanished",
    );
    const accepted = latest([...both, ...rest], [{ night: "w0", reason: "b is no more" }]);
    expect(accepted.rows.map(({ key }) => key)).toEqual(["a"]);
  });

  it("has nothing to say of a baseline that is the latest night itself", () => {
    const all = nights(6);
    const result = latest(all, [{ night: all[5]!.run.id, reason: "begin anew" }]);
    expect(result.rows.every(({ verdict }) => verdict === "new")).toBe(true);
    expect(result.notices).toContain("this night is the baseline: there is nothing to judge it against");
  });

  it("reads 200 nights, judges the last and draws each reading's whole course", () => {
    const all = Array.from({ length: 200 }, (_, n) => simulatedNight(1, n, hosted, { readings: 20 }));
    const result = judgeLatest(parseHistory(chained(all)), request);
    const page = comparisonPage(result, "");
    const courses = [...page.matchAll(/<polyline points="([^"]*)"/g)].map(
      ([, points]) => points!.split(" ").length,
    );
    expect(courses).toEqual(Array.from({ length: 20 }, () => 200));
    expect(result.rows.every(({ verdict }) => verdict === "unchanged" || verdict === "inconclusive")).toBe(
      true,
    );
  });
});

/** The text of a history to which these nights were added. */
function chained(snapshots: ReturnType<typeof nights>): string {
  let previous = sha256("");
  return snapshots
    .map((snapshot) => {
      const line = lineOf({
        schemaVersion: 1,
        previous,
        at: "2026-11-24T00:00:00.000Z",
        kind: "night",
        snapshot,
      });
      previous = sha256(line);
      return `${line}\n`;
    })
    .join("");
}

describe("the file", () => {
  let folder: string;
  beforeEach(async () => {
    folder = join(await mkdtemp(join(tmpdir(), "history-")), "h");
  });
  const file = () => join(folder, "history.jsonl");
  const add = (n: number) => appendHistory(folder, () => ({ kind: "night", snapshot: nights(n + 1)[n]! }));

  it("grows by a line an entry, each bound to the one before", async () => {
    for (let n = 0; n < 3; n++) await add(n);
    const before = await readFile(file(), "utf8");
    await appendHistory(folder, ({ nights: [first] }) => ({
      kind: "accept",
      night: first!.snapshot.run.id,
      reason: "ok",
    }));
    const after = await readFile(file(), "utf8");
    expect(after.startsWith(before)).toBe(true);
    const history = await readHistory(folder);
    expect(history.nights).toHaveLength(3);
    expect(history.accepts).toMatchObject([{ reason: "ok" }]);
    expect(history.notices).toEqual([]);
  });

  it("whatever one byte of it becomes, is refused with its line, and left as it was", async () => {
    for (let n = 0; n < 3; n++) await add(n);
    const good = await readFile(file(), "utf8");
    const lines = good.split("\n");
    fc.assert(
      fc.property(fc.integer({ min: 0, max: good.length - lines[2]!.length - 2 }), (place) => {
        const bad = `${good.slice(0, place)}${good[place] === "7" ? "8" : "7"}${good.slice(place + 1)}`;
        expect(() => parseHistory(bad)).toThrow(/^history\.jsonl line \d/);
      }),
      { numRuns: 60 },
    );
    await writeFile(file(), good.replace('"suite":"nightly"', '"suite":"nightlx"'));
    const damaged = await readFile(file(), "utf8");
    await expect(add(4)).rejects.toMatchObject({ code: "BAD_HISTORY" });
    expect(await readFile(file(), "utf8")).toBe(damaged);
  });

  it.each([
    [
      "a line taken out",
      (lines: string[]) => lines.toSpliced(1, 1),
      "line 2: it does not follow line 1 as that stands",
    ],
    [
      "the first line taken out",
      (lines: string[]) => lines.slice(1),
      "line 1: it does not begin the history",
    ],
    ["two lines exchanged", ([a, b, c]: string[]) => [a!, c!, b!], "line 2: it does not follow line 1"],
    ["a line that is no JSON", ([a]: string[]) => [a!, "nonsense"], "line 2: it is not JSON"],
    ["an empty line", ([a]: string[]) => [a!, ""], "line 2: it is not JSON"],
    ["a field too many", ([a]: string[]) => [a!.replace("{", '{"x":1,')], "line 1: it: Unrecognized key"],
    [
      "another version",
      ([a]: string[]) => [a!.replace('"schemaVersion":1', '"schemaVersion":9')],
      "line 1: schemaVersion is 9, this harness reads 1",
    ],
    [
      "a value without a cell",
      ([a]: string[]) => [a!.replace(/"values":\[\[\d+/, '"values":[[999')],
      "names cell 999, and there is none",
    ],
  ])("%s is refused", async (_, change, message) => {
    for (let n = 0; n < 3; n++) await add(n);
    const lines = (await readFile(file(), "utf8")).trim().split("\n");
    const text = change(lines)
      .map((line) => `${line}\n`)
      .join("");
    expect(() => parseHistory(text)).toThrow(
      expect.objectContaining({ code: "BAD_HISTORY", message: expect.stringContaining(message) }),
    );
  });

  it("a last line that was cut off is left out with a notice, and cut away by the next entry", async () => {
    await add(0);
    await add(1);
    const whole = await readFile(file(), "utf8");
    await appendFile(file(), '{"schemaVersion":1,"previous":"ab');
    const history = await readHistory(folder);
    expect(history.nights).toHaveLength(2);
    expect(history.notices).toEqual([expect.stringContaining("line 3 was cut off while it was written")]);
    await add(2);
    const text = await readFile(file(), "utf8");
    expect(text.startsWith(whole)).toBe(true);
    expect((await readHistory(folder)).nights).toHaveLength(3);
  });

  it("missing, a folder, or in the place of one, is told with the way out", async () => {
    await expect(readHistory(folder)).rejects.toThrow(
      /has no history.jsonl. Begin one with bench history add/,
    );
    await writeFile(folder, "");
    await expect(readHistory(folder)).rejects.toMatchObject({ code: "BAD_HISTORY" });
    await expect(add(0)).rejects.toMatchObject({
      code: expect.stringMatching(/BAD_HISTORY|OUTPUT_UNWRITABLE/),
    });
  });
});

it("a commit is what is told, else GitHub's, else git's, else none", async () => {
  const nowhere = await mkdtemp(join(tmpdir(), "no-git-"));
  expect(await commitOf("abc1234", { GITHUB_SHA: "def5678" }, nowhere)).toBe("abc1234");
  expect(await commitOf(undefined, { GITHUB_SHA: "def5678" }, nowhere)).toBe("def5678");
  expect(await commitOf(undefined, {}, nowhere)).toBeUndefined();
  const git = (...words: string[]) =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@example.org", ...words], {
      cwd: nowhere,
      encoding: "utf8",
    });
  git("init", "-q");
  git("commit", "-q", "--allow-empty", "-m", "first");
  expect(await commitOf(undefined, {}, nowhere)).toBe(git("rev-parse", "HEAD").trim());
});
