import { spawnSync } from "node:child_process";

/** The first of these Pythons that has all the modules installed, not loaded here; undefined where none has. */
export function pythonWith(
  modules: readonly string[],
  candidates: readonly string[] = ["/usr/bin/python3", "python3"],
): string | undefined {
  const check =
    "import sys; from importlib.util import find_spec; sys.exit(not all(map(find_spec, sys.argv[1:])))";
  return candidates.find((python) => spawnSync(python, ["-c", check, ...modules]).status === 0);
}
