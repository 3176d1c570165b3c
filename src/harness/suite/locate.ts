/** Where suites are found: in `suites/` beside the entry of a bundle, or above it in a checkout or package. */
import { existsSync, readdirSync, realpathSync } from "node:fs";
import { basename, dirname, extname, join, resolve } from "node:path";
import { usageError } from "../../core/errors.ts";
import { knownWords } from "../../core/suggest.ts";

const EXTENSION = ".yaml";

/** Folder of the suites that come with the harness, for the script that this process was started with. */
export function suitesFolder(entry: string): string {
  for (let folder = dirname(realpathSync(entry)), level = 0; level < 4; level++, folder = dirname(folder)) {
    const candidate = join(folder, "suites");
    if (existsSync(candidate)) return candidate;
  }
  throw usageError(
    `no folder suites/ lies beside ${entry} or above it. Copy suites/ of the package there, or give --suite FILE.`,
  );
}

export function suiteNames(folder: string): string[] {
  const files = readdirSync(folder).filter((file) => extname(file) === EXTENSION);
  return files.map((file) => basename(file, EXTENSION)).sort();
}

/** Whether `suite` is a FILE rather than the NAME of one that comes with the harness. */
export const isSuiteFile = (suite: string): boolean => /[./\\]/.test(suite);

/** File of `suite`, the NAME of one that comes with the harness or a FILE. @throws USAGE if there is none. */
export function locateSuite(suite: string, entry: string, cwd: string): string {
  if (isSuiteFile(suite)) {
    const file = resolve(cwd, suite);
    if (existsSync(file)) return file;
    throw usageError(`there is no suite file ${suite}; give --suite NAME or an existing FILE`);
  }
  const folder = suitesFolder(entry);
  const names = suiteNames(folder);
  if (names.includes(suite)) return join(folder, `${suite}${EXTENSION}`);
  throw usageError(`unknown suite "${suite}"${knownWords(suite, names)}`);
}
