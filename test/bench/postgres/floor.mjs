// The least that a program on stdio can do for a query: one line in, one simple query to PostgreSQL, one line out. No protocol
// beyond what the bench sends, no transaction, no checks, no limits. What no server can be faster than on the same driver.
import readline from "node:readline";
import pg from "pg";

const client = new pg.Client(process.argv[2]);
await client.connect();
const answer = (id, result) => process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id, result })}\n`);
readline.createInterface({ input: process.stdin }).on("line", (line) => void handle(JSON.parse(line)));

async function handle({ id, method, params }) {
  if (method === "tools/call") {
    const { rows } = await client.query(params.arguments.sql);
    answer(id, { content: [{ type: "text", text: JSON.stringify(rows) }] });
  } else if (id !== undefined)
    answer(id, {
      tools: [],
      protocolVersion: "2025-06-18",
      capabilities: {},
      serverInfo: { name: "floor", version: "0" },
    });
}
process.stdin.on("end", () => process.exit(0));
