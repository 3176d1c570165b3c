import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/e2e/bundle.ts"],
    setupFiles: ["test/e2e/one-core.ts"],
    pool: "forks", // TF.js and ONNX Runtime keep process-wide state
    maxWorkers: 2,
    // several runs of real processes on a slow and busy machine; only what hangs takes so long
    testTimeout: 300_000,
    hookTimeout: 300_000,
    env: { ORT_DISABLE_TELEMETRY: "1" },
  },
});
