/** How steering is judged: like with like, at the weight that other samples chose. */
import { describe, expect, it } from "vitest";
import {
  controlClaim,
  controlFinding,
  deployedPoint,
  fillsOf,
  type Steering,
} from "../../../src/harness/stages/control/claim.ts";
import { judged } from "../../../src/harness/stages/readout/claim.ts";
import { viewOf } from "../../../src/harness/tables/index.ts";
import { scoredSet } from "./fixture/quality.ts";
import { fixture } from "./fixture.ts";

describe("steering", () => {
  const labels = (...accuracies: number[]) =>
    accuracies.map((accuracy, i) => ({ accuracy, coverage: 0.5 + 0.01 * i }));
  const fills = (kept: readonly number[], kids: readonly number[]) =>
    kept.map((one, i) => ({ kept: one, kid: kids[i]!, spread: 0.8 }));
  const [low, high] = [
    [0.5, 0.52, 0.6, 0.62],
    [0.9, 0.92, 0.8, 0.82],
  ] as const;
  const [worse, better] = [fills(low, [4, 5, 6, 7]), fills(high, [-1, 2, 3, 3.5])]; // KID may lie below 0
  const model = (of: Partial<Steering>): Steering => ({
    conditional: true,
    labels: [],
    fills: { told: [], untold: [] },
    ...of,
  });
  const told = (own: Steering["fills"]["told"], asked: readonly number[] = []) =>
    model({ labels: labels(...asked), fills: { told: own, untold: [] } });

  it("holds where labels, fills and their KID all say so, and is open where they differ", () => {
    expect(controlFinding(told(worse, low), told(better, high))?.outcome).toBe("holds");
    expect(controlFinding(told(better, high), told(worse, low))?.outcome).toBe("does not hold here");
    expect(controlFinding(told(worse, high), told(better, low))?.outcome).toBe("inconclusive");
    const keepsAlone = fills(high, [4, 5, 6, 7]); // of a right label but as unlike real images
    expect(controlFinding(told(worse), told(keepsAlone))?.outcome).toBe("inconclusive");
  });

  it("pairs like with like: told with told, and a model without labels with one without", () => {
    const unconditional = (own: Steering["fills"]["untold"]) =>
      model({ conditional: false, fills: { told: [], untold: own } });
    expect(controlFinding(unconditional(worse), unconditional(better))?.outcome).toBe("holds");
    expect(controlFinding(unconditional(worse), told(better, high))).toBeUndefined();
    const untold = model({ fills: { told: [], untold: better } });
    expect(controlFinding(told(worse), untold)).toBeUndefined(); // nothing that both did
    const both = model({ fills: { told: better, untold: worse } });
    expect(controlFinding(told(worse), both)?.text).not.toContain("told no label");
  });

  it("is not bought with coverage", () => {
    const narrow = { ...told([], high), labels: high.map((accuracy) => ({ accuracy, coverage: 0.1 })) };
    const { outcome, text } = controlFinding(told([], low), narrow)!;
    expect(outcome).toBe("inconclusive");
    expect(text).toContain("of coverage there: -0.43 to -0.4, at least 97.1% confidence");
  });

  it("takes the weight that other samples chose, never the best on its own", () => {
    const point = (guidance: number | undefined, accuracy: number) => ({
      guidance,
      accuracy: { value: accuracy, low: accuracy, high: accuracy, confidence: 0.95 },
      secondAccuracy: { value: accuracy, low: accuracy, high: accuracy, confidence: 0.95 },
      perLabel: [],
      millisecondsPerImage: 1,
      networkEvaluations: 1,
      quality: scoredSet(12, { sampler: "ddim", steps: 20 }),
    });
    const points = [point(0, 0.7), point(1, 0.8), point(4, 0.95)];
    expect(deployedPoint({ points, chosenGuidance: 1 })?.accuracy.value).toBe(0.8);
    expect(deployedPoint({ points })).toBeUndefined(); // an older record: nothing chose
    expect(deployedPoint({ points: [point(undefined, 0.6)] })?.accuracy.value).toBe(0.6);
  });

  it("reads fills over masks, told and untold apart, and none of an older record", () => {
    const [record] = fixture({ everyStage: true }).cells.flatMap((cell) =>
      cell.state === "done" && cell.record.kind === "control" ? [cell.record] : [],
    );
    const { inpainting } = record!;
    const scored = inpainting.map(({ filled }) => filled!);
    const { told: isTold } = scored[0]!;
    const kids = scored.filter((filled) => filled.told === isTold).map(({ kid }) => kid);
    const found = fillsOf(inpainting, isTold)!;
    expect(found.kid).toBeCloseTo(kids.reduce((sum, kid) => sum + kid, 0) / kids.length, 12);
    expect(
      fillsOf(
        inpainting.map(({ filled: _, ...old }) => old),
        isTold,
      ),
    ).toBeUndefined();
  });

  it("is not measured by a run of the older protocol, which judged one fill by its error", () => {
    const { run, cells } = fixture({ everyStage: true, seeds: [1, 2, 3, 4] });
    const old = cells.map((cell) => {
      if (cell.state !== "done" || cell.record.kind !== "control") return cell;
      const { chosenGuidance: _, ...record } = cell.record;
      const points = record.points.slice(0, record.points.length > 1 ? undefined : 0);
      return {
        ...cell,
        record: { ...record, points, inpainting: record.inpainting.map(({ filled: __, ...hole }) => hole) },
      };
    });
    expect(judged(viewOf(run, old), controlClaim)).toMatchObject({
      outcome: "not measured",
      text: expect.stringContaining("older runs recorded neither"),
    });
  });
});
