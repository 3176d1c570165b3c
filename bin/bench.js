#!/usr/bin/env node
// In a clone the TypeScript is run as it stands. An installed package has dist/, and src/ for where it was packed by an npm
// that runs no scripts. The syntax is that of Node 14, so that a Node that is too old is told so.
import { existsSync } from "node:fs";

const LEAST = [20, 19];

async function run() {
  const at = (path) => new URL(path, import.meta.url);
  const built = at("../dist/main.js");
  const installed = at(".").pathname.includes("/node_modules/");
  const { fetchOnnxRuntime } = await import("./onnxruntime.js");
  if (!fetchOnnxRuntime(at(".."))) process.exit(2);
  const source = at("../src/harness/cli/main.ts");
  const useSource = existsSync(source) && !(installed && existsSync(built));
  if (useSource) {
    // tsx keeps compiled code in the shared temporary folder, and runs what it finds there, whoever put it there
    process.env.TSX_DISABLE_CACHE = "1";
    (await import("tsx/esm/api")).register();
  }
  await (await import((useSource ? source : built).href)).runProcess();
}

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < LEAST[0] || (major === LEAST[0] && minor < LEAST[1])) {
  const why = `bench needs Node.js ${LEAST.join(".")} or newer, and this is ${process.versions.node}`;
  console.error(`error USAGE: ${why}. Install a newer one, e.g. from https://nodejs.org.`);
  process.exit(2);
}
run();
