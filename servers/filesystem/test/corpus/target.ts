import { lstatSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type CallToolResult, Client, type ReadResourceResult } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { type FileOperation, type FileTarget, NotApplicable, type StartTarget } from "@mooring/testing";

/** The server that is attacked: the built one, or another (an installed one, say) that `FILESYSTEM_BIN` names. */
export const bin = process.env["FILESYSTEM_BIN"] ?? fileURLToPath(new URL("../../dist/bin.js", import.meta.url));

type Call = readonly [tool: string, args: Record<string, unknown>];

/** Starts the built server as a host would, at full access. */
export const startServer: StartTarget = async ({ roots, clientRoots, home, stateDir, base }) => {
  const client = new Client(
    { name: "corpus", version: "1.0.0" },
    { capabilities: clientRoots ? { roots: { listChanged: true } } : {} },
  );
  let declared = clientRoots ?? [];
  if (clientRoots) client.setRequestHandler("roots/list", () => ({ roots: declared.map((uri) => ({ uri })) }));
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [bin, "--access", "full", "--confirm", "host", "--state-dir", stateDir, ...roots],
    env: { HOME: home, USERPROFILE: home, PATH: process.env["PATH"] ?? "" },
    cwd: base,
    stderr: "pipe",
  });
  let said = "";
  transport.stderr?.on("data", (chunk: Buffer) => (said += chunk.toString()));
  try {
    await client.connect(transport);
  } catch (error) {
    throw new Error(`The server did not start: ${said.slice(0, 400) || String(error)}`, { cause: error });
  }
  const tools = new Set((await client.listTools()).tools.map(({ name }) => name));
  const target: FileTarget = {
    pid: transport.pid ?? 0,
    async call(operation, signal) {
      const options = { signal, timeout: 120_000 };
      try {
        if (operation.op === "resource_read" || operation.op === "subscribe") {
          if (!client.getServerCapabilities()?.resources) throw new NotApplicable("the server has no resources");
          const uri = operation.uri ?? "";
          if (operation.op === "resource_read") return ofResource(await client.readResource({ uri }, options));
          await client.subscribeResource({ uri }, options);
          return { error: false, text: "" };
        }
        const [name, args] = callFor(operation);
        if (!tools.has(name) && operation.op !== "call") throw new NotApplicable(`no tool for ${operation.op}`);
        return ofTool(await client.callTool({ name, arguments: args }, options));
      } catch (error) {
        if (error instanceof NotApplicable) throw error;
        return { error: true, text: error instanceof Error ? error.message : String(error) };
      }
    },
    async setClientRoots(uris) {
      declared = [...uris];
      await client.sendRootsListChanged();
    },
    faults: () => said.split("\n").filter((line) => /"level":"error"|^\s+at |^node:/.test(line)),
    close: () => client.close(),
  };
  return target;
};

/** The call an operation stands for. */
function callFor(operation: FileOperation): Call {
  const { op, path = "", edits, dry_run, expectedHash, recursive } = operation;
  switch (op) {
    case "read":
      return ["read", { paths: [path], ...slice(operation) }];
    case "read_media":
      return ["read", { paths: [path], as: "media" }];
    case "stat":
      return ["read", { paths: [path], as: "info" }];
    case "list":
    case "list_sizes":
      return ["list", { path }];
    case "tree":
      return ["list", { path, depth: 20 }];
    case "find":
      return ["search", { path, glob: operation.pattern }];
    case "grep":
      return ["search", { path, pattern: operation.pattern, ...(operation.regex && { regex: true }) }];
    case "write":
    case "write_if": {
      const content = contentOf(operation);
      const mode = exists(path) ? "overwrite" : "create";
      return ["write", { path, content, mode, ...(expectedHash !== undefined && { if_hash: expectedHash }) }];
    }
    case "append":
      return ["write", { path, content: contentOf(operation), mode: "append" }];
    case "mkdir":
      return ["write", { path: `${path}/made-by-the-case`, content: "" }];
    case "edit":
      return ["edit", { files: [{ path, edits }], ...(dry_run !== undefined && { dry_run }) }];
    case "move":
    case "copy":
      return ["move", { from: operation.src, to: operation.dst, ...(op === "copy" && { copy: true }) }];
    case "delete":
      return ["delete", { paths: [path], ...(recursive !== undefined && { recursive }) }];
    case "unzip":
      return ["unzip", { path, to: operation.dst }];
    case "call":
      return [operation.tool ?? "", { ...operation.arguments }];
    default:
      throw new Error(`There is no operation ${op}.`);
  }
}

function slice({ head, tail }: FileOperation): Record<string, unknown> {
  // A negative number of lines cannot be said; any invalid argument stands for it.
  if (head !== undefined) return head < 0 ? { max_bytes: head } : { lines: `1-${head}` };
  return tail === undefined ? {} : { lines: `-${tail}` };
}

function contentOf({ content, content_size }: FileOperation): string {
  return content ?? "x".repeat(content_size ?? 0);
}

// A link counts, wherever it leads.
function exists(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

function ofTool({ isError, content, structuredContent }: CallToolResult) {
  const texts: string[] = [];
  const strings: string[] = structuredContent ? [JSON.stringify(structuredContent)] : [];
  for (const block of content) {
    if (block.type === "text") texts.push(block.text);
    else if (block.type === "image" || block.type === "audio") strings.push(decoded(block.data));
    else strings.push(JSON.stringify(block));
  }
  return { error: isError === true, text: texts.join("\n"), strings: strings.join("\n") };
}

function ofResource({ contents }: ReadResourceResult) {
  const text = contents.map((each) => ("text" in each ? each.text : decoded(each.blob))).join("\n");
  return { error: false, text };
}

function decoded(base64: string): string {
  return Buffer.from(base64, "base64").toString("latin1");
}
