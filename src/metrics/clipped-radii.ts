/** Squared radii, none larger than the square of the median radius, [n] of at least one. Of an even number the median is the mean of the two middle radii. */
export function clippedAtMedian(squaredRadii: Float64Array): Float64Array {
  const sorted = squaredRadii.slice().sort();
  const [low, high] = [sorted[(sorted.length - 1) >> 1]!, sorted[sorted.length >> 1]!];
  const median = low === high ? low : ((Math.sqrt(low) + Math.sqrt(high)) / 2) ** 2;
  return squaredRadii.map((radius) => Math.min(radius, median));
}
