import { expect, it } from "vitest";
import { formatDuration, formatTable, grouped, right } from "../../../src/harness/cli/output.ts";

it.each([
  [0, "0.0 s"],
  [9.94, "9.9 s"],
  [9.96, "10 s"],
  [59.4, "59 s"],
  [59.6, "1 min 00 s"],
  [185, "3 min 05 s"],
  [3599.6, "1 h 00 min"],
  [7800, "2 h 10 min"],
])("%d seconds are %s", (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});

it("counts", () => {
  expect([0, 999, 1234567].map(grouped)).toEqual(["", "999", "1,234,567"]);
});

it("aligns columns, breaks cells into lines, and ends no line with blanks", () => {
  const columns = [{ title: "name" }, right("n"), { title: "note" }];
  const rows = [
    ["a", "1,000", "one\ntwo"],
    ["longer", "2", ""],
  ];
  expect(formatTable(columns, rows).split("\n")).toEqual([
    "name        n  note",
    "------  -----  ----",
    "a       1,000  one",
    "               two",
    "longer      2",
  ]);
});

it("is its head alone without rows", () => {
  expect(formatTable([{ title: "x" }], [])).toBe("x\n-");
});
