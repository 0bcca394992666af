import { connect, type Postgres, startPostgres, type TestClient } from "@mooring/testing";
import pg from "pg";
import type { Database, Databases } from "../../src/database.ts";
import type { Config } from "../../src/options.ts";
import type { Policy } from "../../src/policy.ts";
import { prompts } from "../../src/prompts/index.ts";
import { schema as schemas } from "../../src/resources/schema.ts";
import { table } from "../../src/resources/table.ts";
import { postgres as definition } from "../../src/server.ts";
import type { Deps } from "../../src/tool.ts";
import { schema } from "../../src/tools/schema.ts";
import { openDatabase } from "../open-database.ts";

/** Runs SQL as whoever the URL names. */
export async function run(url: string, sql: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

export interface Connected extends AsyncDisposable {
  readonly mcp: TestClient;
  readonly database: Database;
  /** Queries of ours that went to the database so far. */
  readonly queries: () => number;
  text(args?: Record<string, unknown>): Promise<string>;
  fails(args: Record<string, unknown>): Promise<string>;
}

export interface How {
  readonly policy?: Partial<Policy>;
  readonly samples?: boolean;
}

/** The part of the server that is tested here, on a database. */
export async function connected(url: string, { policy = {}, samples = false }: How = {}): Promise<Connected> {
  const opened = openDatabase(url, { policy, name: "shop" });
  let count = 0;
  const database: Database = {
    ...opened.database,
    catalog: (text, values, signal) => {
      count++;
      return opened.database.catalog(text, values, signal);
    },
  };
  const databases: Databases = { names: ["shop"], get: () => database, close: async () => {} };
  const deps: Deps = { databases, config: { samples } as Config, stateDir: "/nonexistent" };
  const mcp = await connect({ ...definition, tools: [schema], resources: [schemas, table], prompts }, { deps });
  const call = async (args: Record<string, unknown>) => {
    const { content, isError = false, _meta } = await mcp.call("schema", args);
    const text = content.map((block) => (block.type === "text" ? block.text : "")).join("\n");
    const kind = (_meta?.["mooring/error"] as { kind?: string } | undefined)?.kind ?? "";
    return { text, isError, kind };
  };
  return {
    mcp,
    database,
    queries: () => count,
    async text(args = {}) {
      const { text, isError } = await call(args);
      if (isError) throw new Error(text);
      return text;
    },
    async fails(args) {
      const { text, isError, kind } = await call(args);
      if (!isError) throw new Error(`It did not fail: ${text}`);
      return `${kind}: ${text}`;
    },
    async [Symbol.asyncDispose]() {
      await mcp[Symbol.asyncDispose]();
      await opened[Symbol.asyncDispose]();
    },
  };
}

/** What stands between the tags, and what does not. */
export function parts(text: string): { inside: string; outside: string } {
  const match = /<untrusted (\S+)>\n([\s\S]*)\n<\/untrusted \1>/.exec(text);
  if (!match) return { inside: "", outside: text };
  return { inside: match[2] ?? "", outside: text.replace(match[0], "") };
}

export { type Postgres, startPostgres };
