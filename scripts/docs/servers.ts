import { globSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { ServerDefinition } from "@mooring/core";
import type { commonOptions } from "@mooring/core/docs";
import { root } from "../workspace.mjs";

export type Options = Parameters<typeof import("@mooring/core/docs").optionTable>[1];

export interface DocumentedServer {
  /** The folder, and the name in hosts. */
  readonly name: string;
  readonly package: string;
  readonly description: string;
  readonly definition: ServerDefinition<object>;
  readonly options: Options;
}

export type CommonOptions = ReturnType<typeof commonOptions>;

/** Every folder of servers/, with the definition its src/server.ts exports and the options of its src/options.ts. */
export async function loadServers(): Promise<DocumentedServer[]> {
  const folders = globSync("servers/*/package.json", { cwd: root })
    .map((file) => dirname(file))
    .sort();
  return Promise.all(
    folders.map(async (folder) => {
      const manifest = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as {
        name: string;
        description: string;
      };
      const definition = Object.values(await load(`${folder}/src/server.ts`)).find(isDefinition);
      if (!definition) throw new Error(`${folder}/src/server.ts exports no server definition.`);
      const { options } = (await load(`${folder}/src/options.ts`)) as { options: Options };
      return { name: basename(folder), package: manifest.name, description: manifest.description, definition, options };
    }),
  );
}

/** The tokenizer that budgets are stated in (o200k_base); it belongs to @mooring/testing. */
export const countTokens: (text: string) => number = createRequire(join(root, "packages/testing/package.json"))(
  "gpt-tokenizer/encoding/o200k_base",
).countTokens;

async function load(file: string): Promise<Record<string, unknown>> {
  return (await import(pathToFileURL(join(root, file)).href)) as Record<string, unknown>;
}

function isDefinition(value: unknown): value is ServerDefinition<object> {
  return typeof value === "object" && value !== null && "tools" in value && "version" in value;
}
