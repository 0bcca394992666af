import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Answer, type Launch, launch, type StdioClient } from "../stdio-client.ts";

/** A server that runs SQL, whatever its tool is called. */
export interface Contender {
  readonly name: "ours" | "server-postgres" | "dbhub" | "floor";
  readonly launch: Launch;
  readonly tool: string;
}

export interface Contenders extends Disposable {
  readonly ours: Contender;
  readonly peers: readonly [Contender, Contender];
  readonly all: readonly Contender[];
  /** What nobody can be faster than: see floor.mjs. */
  readonly floor: Contender;
}

export interface PostgresPeers {
  readonly serverPostgres: string;
  readonly dbhub: string;
}

/** Everybody against the same database, on this Node, with a compile cache that an earlier start has filled. */
export function contenders(
  url: string,
  { serverPostgres, dbhub }: PostgresPeers,
  args: readonly string[] = [],
): Contenders {
  const cache = mkdtempSync(join(tmpdir(), "mooring-bench-"));
  const plain = `${url}?sslmode=disable`;
  const env = { NODE_COMPILE_CACHE: cache, HOME: cache, XDG_STATE_HOME: cache };
  const bin = fileURLToPath(new URL("../../../servers/postgres/dist/bin.js", import.meta.url));
  const node = process.execPath;
  const ours: Contender = {
    name: "ours",
    tool: "query",
    launch: { command: node, args: [bin, ...args], env: { ...env, DATABASE_URL: plain } },
  };
  const peers: [Contender, Contender] = [
    { name: "server-postgres", tool: "query", launch: { command: node, args: [serverPostgres, plain], env } },
    {
      name: "dbhub",
      tool: "execute_sql",
      launch: { command: node, args: [dbhub, "--transport=stdio", `--dsn=${plain}`], env },
    },
  ];
  return {
    ours,
    peers,
    all: [ours, ...peers],
    floor: {
      name: "floor",
      tool: "query",
      launch: { command: node, args: [fileURLToPath(new URL("floor.mjs", import.meta.url)), plain], env },
    },
    [Symbol.dispose]: () => rmSync(cache, { recursive: true, force: true }),
  };
}

/** One that runs and has answered once. */
export interface Running {
  readonly name: Contender["name"];
  readonly client: StdioClient;
  /** Rejects where the answer is an error: a refusal is quick. */
  sql(text: string, more?: object): Promise<Answer>;
}

export async function start({ name, launch: how, tool }: Contender): Promise<Running> {
  const client = await launch(how);
  const sql = async (text: string, more: object = {}) => {
    const answer = await client.call(tool, { sql: text, ...more });
    if (answer.result.isError) throw new Error(`${name}: ${answer.result.content?.[0]?.text}`);
    return answer;
  };
  await sql("SELECT 1");
  return { name, client, sql };
}
