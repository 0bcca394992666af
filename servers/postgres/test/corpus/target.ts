import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { connect, connectStdio } from "@mooring/testing";
import type { CallToolResult, Client } from "@modelcontextprotocol/client";
import { postgres } from "../../src/server.ts";
import type { Policy } from "../../src/policy.ts";
import { openDatabase } from "../open-database.ts";

/** What a tool answered. */
export interface Answer {
  readonly error: boolean;
  readonly text: string;
}

/** A server under attack. */
export interface Target extends AsyncDisposable {
  readonly tools: ReadonlySet<string>;
  /** Never throws: a call that cannot be made is an error like any other. */
  call(tool: string, args: Record<string, unknown>, signal?: AbortSignal): Promise<Answer>;
  alive(): boolean;
}

export type StartTarget = (url: string, policy?: Partial<Policy>) => Promise<Target>;

/** The server that is attacked: the built one, or another (an installed one, say) that `POSTGRES_BIN` names. */
export const bin = process.env["POSTGRES_BIN"] ?? fileURLToPath(new URL("../../dist/bin.js", import.meta.url));

/** The built program, over stdio, as a host starts it. */
export const startBuilt: StartTarget = async (url, { allowFunctions = [], mask = [] } = {}) => {
  if (!existsSync(bin)) throw new Error(`${bin} is missing: build first.`);
  const lists = [...allowFunctions.flatMap((each) => ["--allow-function", each]), ...mask.flatMap((each) => ["--mask", each])];
  const session = await connectStdio(process.execPath, [bin, ...lists], { env: { DATABASE_URL: url } });
  return {
    ...(await targetOf(session.client)),
    alive() {
      try {
        return process.kill(session.pid, 0);
      } catch {
        return false;
      }
    },
    [Symbol.asyncDispose]: () => session.close(),
  };
};

/** The server within this process: the same tools and guard, from the sources. */
export const startSources: StartTarget = async (url, policy = {}) => {
  const opened = openDatabase(url, { policy });
  const connected = await connect(postgres, {
    deps: { databases: opened.databases, config: {} as never, stateDir: "" },
  });
  return {
    ...(await targetOf(connected.client)),
    alive: () => true,
    async [Symbol.asyncDispose]() {
      await connected[Symbol.asyncDispose]();
      await opened[Symbol.asyncDispose]();
    },
  };
};

async function targetOf(client: Client): Promise<Pick<Target, "tools" | "call">> {
  const tools = new Set((await client.listTools()).tools.map(({ name }) => name));
  return {
    tools,
    async call(tool, args, signal) {
      try {
        const result = (await client.callTool(
          { name: tool, arguments: args },
          { timeout: 60_000, ...(signal && { signal }) },
        )) as CallToolResult;
        const text = result.content.map((block) => ("text" in block ? block.text : JSON.stringify(block))).join("\n");
        return { error: result.isError === true, text: text + JSON.stringify(result.structuredContent ?? "") };
      } catch (error) {
        return { error: true, text: error instanceof Error ? error.message : String(error) };
      }
    },
  };
}
