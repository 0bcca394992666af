import * as z from "zod";
import { defineServer } from "../../src/definition.ts";
import { readPackageManifest } from "../../src/docs.ts";
import { defineOptions, duration } from "../../src/options.ts";
import { toolFactory } from "../../src/tool.ts";

const tool = toolFactory<object>();
const common = { input: z.strictObject({}), run: () => "", render: (text: string) => text };

export const look = tool({ ...common, name: "look", title: "Look", description: "Looks. Only.", access: "read" });
export const drop = tool({ ...common, name: "drop", title: "Drop", description: "Drops.", access: "destructive" });

/** A server that only reads. */
export const reader = defineServer({ name: "demo", title: "Demo", version: "1.0.0", tools: [look] });

/** An option of each kind. */
export const options = defineOptions({
  folders: { schema: z.array(z.string()).default([]), description: "Where.", positional: true, valueName: "DIR" },
  apiUrl: { schema: z.url(), description: "The `service`.", valueName: "URL" },
  token: { schema: z.string().optional(), description: "The key.", env: "DEMO_TOKEN", credential: true },
  colour: { schema: z.enum(["red", "blue"]).default("red"), description: "Which." },
  names: { schema: z.array(z.string()).default([]), description: "Whose." },
  wait: { schema: duration("30s"), description: "How long.", valueName: "TIME" },
  pageSize: { schema: z.coerce.number<unknown>().int().min(1).max(50).default(20), description: "How many." },
  depth: { schema: z.coerce.number<unknown>().int().optional(), description: "How deep." },
  quiet: { schema: z.boolean().default(false), description: "Says less." },
  key: { schema: z.string().optional(), description: "A key file.", valueName: "FILE" },
  accounts: { schema: z.record(z.string(), z.object({})).default({}), description: "Several." },
});

/** package.json with other fields. */
export function manifest(fields: Readonly<Record<string, unknown>> = {}) {
  const standard = {
    name: "@acme/demo",
    version: "1.2.3",
    description: "Shows things.",
    author: "Ada <ada@acme.test> (https://acme.test)",
    repository: { type: "git", url: "git+https://github.com/acme/demo.git" },
    bin: { "acme-demo": "./dist/bin.js" },
    engines: { node: ">=22.12" },
  };
  return readPackageManifest(JSON.stringify({ ...standard, ...fields }));
}
