import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const artifacts = fileURLToPath(new URL("../../artifacts", import.meta.url));

const manifest = {
  name: "@acme/demo",
  version: "1.2.3",
  description: "Shows things.",
  author: "Ada",
  repository: "acme/demo",
  bin: { "acme-demo": "./dist/bin.js" },
  type: "module",
};

const server = `
import { defineServer } from "@mooring/core";
export const demo = defineServer<object>({ name: "demo", title: "Demo", version: "1.2.3", tools: [] });
`;

const options = `
import { defineOptions, duration } from "@mooring/core";
export const options = defineOptions({
  wait: { schema: duration("30s"), description: "How long.", valueName: "TIME" },
});
`;

const readme = `# Demo

<!-- begin:options -->
old
<!-- end:options -->

<!-- begin:budgets -->
<!-- end:budgets -->
`;

export const standard: Readonly<Record<string, string>> = {
  "package.json": JSON.stringify(manifest),
  "src/server.ts": server,
  "src/options.ts": options,
  "README.md": readme,
};

/** package.json with other fields. */
export function manifestWith(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return { "package.json": JSON.stringify({ ...manifest, ...fields }) };
}

/** A server project with other files; `undefined`: without it. Inside the package, so that it finds @mooring/core. */
export function projectFolder(files: Readonly<Record<string, string | undefined>> = {}): Disposable & { path: string } {
  mkdirSync(artifacts, { recursive: true });
  const path = mkdtempSync(join(artifacts, "project-"));
  for (const [file, text] of Object.entries({ ...standard, ...files })) {
    if (text === undefined) continue;
    mkdirSync(dirname(join(path, file)), { recursive: true });
    writeFileSync(join(path, file), text);
  }
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
