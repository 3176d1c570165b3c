/** Processes: those that the harness starts of itself, and whether one is there. */

/** Node's own flags for a child: the parent's, without its debugger's port. */
export function childArguments(): string[] {
  return process.execArgv.filter((flag) => !flag.startsWith("--inspect"));
}

/** Whether a process has this number here, whoever's it is. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // it lives, and is another user's
  }
}
