import { defineConfig } from "vitest/config";

/** Suites that need a service: in a container, or as a process (TEST_SERVICES). */
export default defineConfig({
  test: { include: ["test/**/*.integration.test.ts"], testTimeout: 30_000, hookTimeout: 120_000 },
});
