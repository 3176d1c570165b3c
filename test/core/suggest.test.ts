import * as fc from "fast-check";
import { expect, it } from "vitest";
import { editDistance, knownWords, nearest } from "../../src/core/suggest.ts";

it("is a distance: zero only to itself, and symmetric", () => {
  const word = fc.string({ maxLength: 12 });
  fc.assert(
    fc.property(word, word, (a, b) => {
      const d = editDistance(a, b);
      expect(d === 0).toBe(a === b);
      expect(editDistance(b, a)).toBe(d);
      expect(d).toBeLessThanOrEqual(Math.max(a.length, b.length));
    }),
  );
});

it.each([
  ["kitten", "sitting", 3],
  ["rnu", "run", 1],
  ["", "abc", 3],
  ["ca", "abc", 3], // 2 where letters may be touched twice
])("from %s to %s it is %i", (a, b, distance) => {
  expect(editDistance(a, b)).toBe(distance);
});

it("guesses slips, not other words", () => {
  expect(nearest("Diversty", ["stability", "diversity"])).toBe("diversity");
  expect(nearest("wgan", ["ddpm", "dcgan"])).toBeUndefined();
  expect(nearest("x", [])).toBeUndefined();
  expect(knownWords("batchs", ["batch", "images"])).toBe("; known: batch, images. Did you mean batch?");
  expect(knownWords("foo", [])).toBe("; known: none");
});
