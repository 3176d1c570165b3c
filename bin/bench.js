#!/usr/bin/env node
// In a clone the TypeScript is run as it stands; the published package brings dist/ and no src/.
import { existsSync } from "node:fs";

const source = new URL("../src/harness/cli/main.ts", import.meta.url);
const built = new URL("../dist/main.js", import.meta.url);

if (existsSync(source)) {
  // tsx keeps compiled code in the shared temporary folder, and runs what it finds there, whoever put it there
  process.env.TSX_DISABLE_CACHE = "1";
  const { register } = await import("tsx/esm/api");
  register();
  await (await import(source.href)).runProcess();
} else await (await import(built.href)).runProcess();
