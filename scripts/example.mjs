// Puts a run into reports/example, thinned for the repository: node scripts/example.mjs RUN. The run's charts must have
// been written with --format svg. What is left out, and how, stands in reports/example/README.md.
import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Rows of training.csv that stay of a curve. */
const MOST_ROWS = 60;
/** Charts that the README shows. */
const figures = ["latency-batch-1", "distill-steps"];
/** Bytes of a file, and of all of them. */
const MOST_OF_ONE = 1e6;
const MOST_IN_ALL = 3e6;

const [run] = process.argv.slice(2);
if (run === undefined) throw new Error("give the folder of a run");
const out = fileURLToPath(new URL("../reports/example", import.meta.url));

for (const name of ["csv", "figures"]) await rm(join(out, name), { recursive: true, force: true });
await mkdir(out, { recursive: true });
for (const name of [
  "run.json",
  "csv",
  ...figures.flatMap((id) => [`figures/${id}.svg`, `figures/${id}-dark.svg`]),
])
  await cp(join(run, name), join(out, name), { recursive: true });
const curves = join(out, "csv/training.csv");
await writeFile(curves, thinned(await readFile(curves, "utf8")));

const files = await readdir(out, { recursive: true, withFileTypes: true });
const sizes = await Promise.all(
  files
    .filter((entry) => entry.isFile())
    .map(async ({ parentPath, name }) => {
      const path = join(parentPath, name);
      return { path, size: (await stat(path)).size };
    }),
);
const total = sizes.reduce((sum, { size }) => sum + size, 0);
const large = sizes.filter(({ size }) => size > MOST_OF_ONE).map(({ path }) => path);
if (large.length > 0) throw new Error(`too large to commit: ${large.join(", ")}`);
if (total > MOST_IN_ALL) throw new Error(`${total} bytes in all, of at most ${MOST_IN_ALL}`);
process.stdout.write(`${sizes.length} files, ${total} bytes\n`);

/** At most MOST_ROWS rows a curve (a cell's quantity), at equal distances, the first and the last among them; each as it was. */
function thinned(text) {
  const [head, ...rows] = text.trimEnd().split("\n");
  const [cell, quantity] = ["cell", "quantity"].map((name) => head.split(",").indexOf(name));
  const curves = new Map();
  for (const row of rows) {
    const fields = row.split(",");
    const key = `${fields[cell]},${fields[quantity]}`;
    if (!curves.has(key)) curves.set(key, []);
    curves.get(key).push(row);
  }
  const kept = [...curves.values()].flatMap((curve) => {
    const count = Math.min(MOST_ROWS, curve.length);
    return Array.from(
      { length: count },
      (_, i) => curve[Math.round((i * (curve.length - 1)) / Math.max(1, count - 1))],
    );
  });
  return `${[head, ...kept].join("\n")}\n`;
}
