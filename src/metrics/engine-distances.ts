/**
 * Squared distances between many wide points, enclosed: |a|^2 + |b|^2 - 2ab with the products taken in float32 blocks
 * by an engine, widened by the largest rounding error, so that a comparison with a threshold that lies between the bounds
 * can be repeated in float64. An inner product in any order errs by at most w u / (1 - w u) |a||b| (Higham 2002, Accuracy and
 * Stability of Numerical Algorithms, eq. 3.5): the bound holds on every device.
 */
import * as tf from "@tensorflow/tfjs-core";
import { assert } from "../core/errors.ts";
import type { Compiled, Engine, Program, Provider, Value } from "../engine/contract.ts";
import type { Matrix } from "./linalg/pairwise.ts";

const blockProduct: Program<"a" | "b", "products"> = ({ a, b }) => ({
  products: tf.matMul(a, b, false, true),
});

/** Rows of a block at most, and bytes of a strip: one block's rows against a whole set. */
const BLOCK = 1024;
const STRIP_BYTES = 2 ** 28;

const UNIT_32 = 2 ** -24;
const UNIT_64 = 2 ** -53;

/** NVIDIA's libraries may take float32 operands as TF32, of 10 bits. */
const SHORT_OPERANDS: ReadonlySet<Provider> = new Set(["cuda", "tensorflow-gpu"]);

/** For sets of up to `count` points of one width, by one compiled program; `tick` is called after each block. */
export async function encloseDistances(engine: Engine, count: number, width: number, tick: () => void) {
  let rows = Math.min(BLOCK, count);
  while (rows > 64 && 4 * rows * (count + rows) > STRIP_BYTES) rows >>= 1;
  const block = { shape: [rows, width] };
  const program = await engine.compile("distances", blockProduct, { a: block, b: block });
  return {
    /** Blocks of distances from `rows` points to `columns`. */
    blocks: (n: number, m: number) => Math.ceil(n / rows) * Math.ceil(m / rows),
    /**
     * Calls `visit(i, lowest, highest)` for each row of `a`: bounds on what `squaredDistance` gives for it and each row
     * of `b`. NaN where there is no telling; do not keep them.
     */
    async forEachRow(
      a: Matrix,
      b: Matrix,
      visit: (row: number, lowest: Float64Array, highest: Float64Array) => void,
    ): Promise<void> {
      assert(a.width === width && b.width === width, `widths ${a.width} and ${b.width}, expected ${width}`);
      const frame = frameOf(a, b);
      const bound = boundOf(engine.provider, width, frame);
      const unit = 1 / frame.scale ** 2; // a power of two
      const placed: Placed[] = [];
      try {
        for (const set of a === b ? [a] : [a, b]) placed.push(await place(engine, rows, set, frame));
        const [of, to] = [placed[0]!, placed.at(-1)!];
        const [lowest, highest] = [new Float64Array(b.count), new Float64Array(b.count)];
        await forEachStripRow(program, of, to, tick, (i, products) => {
          const [square, norm] = [of.squares[i]!, of.norms[i]!];
          for (let j = 0; j < products.length; j++) {
            const squares = square + to.squares[j]!;
            const distance = squares - 2 * products[j]!;
            const error = bound.products * norm * to.norms[j]! + bound.squares * squares + bound.least;
            lowest[j] = (distance - error) * unit;
            highest[j] = (distance + error) * unit;
          }
          visit(i, lowest, highest);
        });
      } finally {
        for (const { blocks } of placed) for (const value of blocks) value.dispose();
      }
    },
    dispose: () => program.dispose(),
  };
}

export type EnclosedDistances = Awaited<ReturnType<typeof encloseDistances>>;

/** As linalg/pairwise.ts sums it, bit by bit. */
export function squaredDistance(a: Matrix, i: number, b: Matrix, j: number): number {
  const { width } = a;
  let sum = 0;
  for (let d = 0, at = i * width, from = j * width; d < width; d++) {
    const difference = a.data[at + d]! - b.data[from + d]!;
    sum += difference * difference;
  }
  return sum;
}

/** Around the mean of `a`. */
function frameOf(a: Matrix, b: Matrix) {
  const { data, count, width } = a;
  const centre = new Float64Array(width);
  for (let at = 0; at < data.length; ) for (let d = 0; d < width; d++) centre[d]! += data[at++]! / count;
  let largest = 0;
  for (const { data } of a === b ? [a] : [a, b])
    for (let at = 0; at < data.length; )
      for (let d = 0; d < width; d++) largest = Math.max(largest, Math.abs(data[at++]! - centre[d]!));
  const exponent = largest === 0 ? 0 : Math.ceil(Math.log2(largest) + Math.log2(width) / 2);
  /** A power of two that brings every point into the unit ball, where `fits`. */
  const scale = 2 ** -Math.max(-500, Math.min(500, exponent)); // its square is a number
  return { centre, scale, fits: exponent <= 500 };
}

/** Where the engine sees the points from: their distances do not depend on it, the products' rounding does. */
type Frame = ReturnType<typeof frameOf>;

/** |computed - true squared distance| <= products |a||b| + squares (|a|^2 + |b|^2) + least, all in the frame. */
function boundOf(provider: Provider, width: number, { scale, fits }: Frame) {
  const operand = SHORT_OPERANDS.has(provider) ? UNIT_32 + 2 ** -10 : UNIT_32;
  const sum = (width * UNIT_32) / (1 - width * UNIT_32);
  return {
    products: 2 * (sum * (1 + operand) ** 2 + 2 * operand + operand ** 2),
    squares: 4 * (width + 16) * UNIT_64, // of centring, norms and the direct sum, in float64
    // of what is too small for float32 here, and for float64 where it is squared directly
    least: fits ? width * (2 ** -123 + 2 ** -1072 * scale * scale) : Number.POSITIVE_INFINITY,
  };
}

async function place(engine: Engine, rows: number, { data, count, width }: Matrix, { centre, scale }: Frame) {
  const squares = new Float64Array(count);
  const blocks: Value[] = [];
  for (let first = 0; first < count; first += rows) {
    const block = new Float32Array(rows * width);
    for (let i = first; i < Math.min(count, first + rows); i++) {
      let square = 0;
      for (let d = 0; d < width; d++) {
        const value = (data[i * width + d]! - centre[d]!) * scale;
        block[(i - first) * width + d] = value;
        square += value * value;
      }
      squares[i] = square;
    }
    blocks.push(await engine.upload({ shape: [rows, width], data: block }));
  }
  return { count, blocks, squares, norms: squares.map(Math.sqrt) };
}

/** A set in blocks on the device, zeros filling the last, with |a| and |a|^2 of its points in the frame. */
type Placed = Awaited<ReturnType<typeof place>>;

/** Calls `visit(i, products)` for each point of `a`: its inner products with all of `b`. */
async function forEachStripRow(
  program: Compiled<"a" | "b", "products">,
  a: Placed,
  b: Placed,
  tick: () => void,
  visit: (i: number, products: Float32Array) => void,
): Promise<void> {
  const rows = program.inputs.a.shape[0]!;
  const columns = b.blocks.length * rows;
  const strip = new Float32Array(rows * columns);
  for (const [from, left] of a.blocks.entries()) {
    for (const [to, right] of b.blocks.entries()) {
      const { products } = await program.run({ a: left, b: right });
      const block = (await products.read()) as Float32Array;
      products.dispose();
      for (let i = 0; i < rows; i++)
        strip.set(block.subarray(i * rows, (i + 1) * rows), i * columns + to * rows);
      tick();
    }
    const count = Math.min(rows, a.count - from * rows);
    for (let i = 0; i < count; i++)
      visit(from * rows + i, strip.subarray(i * columns, i * columns + b.count));
  }
}
