export { checkRunFolder, clearRunFolder, createRunFolder, type OpenMode, sweepRunFolder } from "./folder.ts";
export { acquireLock, type Lock, refuseIfLocked } from "./lock.ts";
export { appendCell, dropTornLine, startCells, writeRun } from "./records.ts";
