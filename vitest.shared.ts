import { fileURLToPath } from "node:url";
import { defineConfig, type ViteUserConfig } from "vitest/config";

const artifacts = fileURLToPath(new URL("artifacts", import.meta.url));

/** Suites that need a service, in a container or as a process. */
const integration = "test/**/*.integration.test.ts";

/** What a package runs as `unit` (everything else) or as `services`; the reports are artifacts/{junit,vitest}/<name>. */
export function shared(name: string, kind: "unit" | "services" = "unit"): ViteUserConfig {
  const mode = process.env["TEST_SERVICES"] ?? "auto";
  const report = kind === "unit" ? name : `${name}-services-${mode}`;
  return defineConfig({
    test: {
      name: report,
      include: kind === "unit" ? ["test/**/*.test.ts"] : [integration],
      exclude: kind === "unit" ? [integration, "**/node_modules/**"] : ["**/node_modules/**"],
      testTimeout: 30_000,
      hookTimeout: 120_000,
      reporters: ["default", "junit", "json"],
      outputFile: { junit: `${artifacts}/junit/${report}.xml`, json: `${artifacts}/vitest/${report}.json` },
      env: { TEST_ARTIFACTS: `${artifacts}/failures/${report}` },
    },
  });
}
