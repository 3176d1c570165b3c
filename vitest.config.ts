import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    pool: "forks", // TF.js and ONNX Runtime keep process-wide state
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    env: { ORT_DISABLE_TELEMETRY: "1" },
  },
});
