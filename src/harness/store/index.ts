/** The run folder on disk, and files that survive a crash. */
export { appendDurably, truncateDurably, writeAtomic } from "./atomic.ts";
export {
  checkRunFolder,
  clearRunFolder,
  createRunFolder,
  MERGING,
  type OpenMode,
  RUN_FILE,
  sweepRunFolder,
} from "./folder.ts";
export { acquireLock, refuseIfLocked } from "./lock.ts";
export { appendCell, dropTornLine, mendCells, startCells, writeRun } from "./records.ts";
