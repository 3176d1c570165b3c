export { checkRunFolder, clearRunFolder, createRunFolder, type OpenMode, sweepRunFolder } from "./folder.ts";
export { acquireLock, type Lock } from "./lock.ts";
export { appendCell, dropTornLine, startCells, writeRun } from "./records.ts";
