/** Feature Likelihood Divergence and its gap written as its formulas stand, without the care for speed and for extremes. */
import type { Features } from "../../src/metrics/contract.ts";
import { contentOrder } from "../../src/metrics/order.ts";

type Rows = number[][];

const rowsOf = ({ data, count, width }: Features): Rows =>
  Array.from({ length: count }, (_, i) => [...data.subarray(i * width, (i + 1) * width)]);
const mean = (values: number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;
const squared = (a: number[], b: number[]) => a.reduce((sum, x, d) => sum + (x - b[d]!) ** 2, 0);
const density = (distance: number, variance: number, width: number) =>
  Math.exp(-distance / (2 * variance)) / (2 * Math.PI * variance) ** (width / 2);

/** Variances after at most 50 steps of Adam with rate 0.5 on their logarithms, the last the fit's own component's. */
function fitted(centres: Rows, points: Rows): number[] {
  const width = points[0]!.length;
  const middle = points[0]!.map((_, d) => mean(points.map((row) => row[d]!)));
  const distances = points.map((x) => [...centres.map((c) => squared(x, c)), 0.9 ** 2 * squared(x, middle)]);
  const logs = [
    ...centres.map((_, j) => Math.log((Math.min(...distances.map((row) => row[j]!)) + 1e-3) / width)),
    0,
  ];
  const [m, v] = [logs.map(() => 0), logs.map(() => 0)];
  const losses: number[] = [];
  for (let t = 1; t <= 50; t++) {
    const gradient = logs.map(() => 0);
    let loss = 0;
    for (const row of distances) {
      const terms = row.map(
        (s, j) => density(s, Math.exp(logs[j]!), width) / (j < centres.length ? centres.length : 1),
      );
      const total = terms.reduce((sum, term) => sum + term, 0);
      loss -= Math.log(total) / (width * points.length);
      for (const [j, s] of row.entries())
        gradient[j]! -=
          ((terms[j]! / total) * (s / (2 * Math.exp(logs[j]!)) - width / 2)) / (width * points.length);
    }
    for (const [j, g] of gradient.entries()) {
      m[j] = 0.9 * m[j]! + 0.1 * g;
      v[j] = 0.999 * v[j]! + 0.001 * g * g;
      logs[j]! -= (0.5 * (m[j]! / (1 - 0.9 ** t))) / (Math.sqrt(v[j]! / (1 - 0.999 ** t)) + 1e-8);
      if (j < centres.length) logs[j] = Math.max(-40, Math.min(40, logs[j]!));
    }
    losses.push(loss);
    if (t >= 7 && Math.max(...losses.slice(-5).map((other) => Math.abs(loss - other))) < 5e-4) break;
  }
  return logs.map(Math.exp);
}

const negativeLog = (centres: Rows, variances: number[], points: Rows): number =>
  mean(
    points.map(
      (x) =>
        -Math.log(mean(centres.map((c, j) => density(squared(x, c), variances[j]!, x.length)))) / x.length,
    ),
  );

/** Of sets without copies between them and without a constant feature. */
export function naiveLikelihood(generated: Features, real: Features, training: Features) {
  const test = rowsOf(real);
  const scales = test[0]!.map((_, d) => {
    const column = test.map((row) => row[d]!);
    const centre = mean(column);
    return {
      centre,
      sd: Math.sqrt(column.reduce((sum, x) => sum + (x - centre) ** 2, 0) / (column.length - 1)),
    };
  });
  const standardised = (set: Features) =>
    rowsOf(set).map((row) => row.map((x, d) => (x - scales[d]!.centre) / scales[d]!.sd));
  const [g, r, t] = [standardised(generated), standardised(real), standardised(training)];
  const order = [...contentOrder(training, 0)];
  const size = Math.min(g.length, t.length >> 1);
  const [half, other] = [order.slice(0, size), order.slice(size)].map((part) => part.map((i) => t[i]!)) as [
    Rows,
    Rows,
  ];
  const variances = fitted(g, t);
  const onTest = negativeLog(g, variances, r);
  return {
    divergence: 100 * (onTest - negativeLog(half, fitted(half, other), r)),
    gap: 100 * (negativeLog(g, variances, t) - onTest),
  };
}
