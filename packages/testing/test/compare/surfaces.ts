import { readSurface, type Surface } from "../../src/compare/surface.ts";

/** A surface that a test may change as it likes. */
export interface Draft {
  // Written as JSON, read as JSON: what tests change in it has any shape.
  // oxlint-disable-next-line typescript/no-explicit-any
  tools: Record<string, any>;
  // oxlint-disable-next-line typescript/no-explicit-any
  server: any;
}

/** A server with one of everything. */
export function draft(): Draft {
  return {
    tools: {
      write: {
        name: "write",
        title: "Write",
        description: "Writes.",
        inputSchema: {
          type: "object",
          properties: {
            path: { type: "string", maxLength: 100 },
            mode: { type: "string", enum: ["create", "replace"], default: "create", description: "How." },
            count: { type: "integer", minimum: 1, maximum: 10 },
            edits: {
              type: "array",
              items: { type: "object", properties: { old: { type: "string" } }, required: ["old"] },
            },
          },
          required: ["path"],
        },
        outputSchema: {
          type: "object",
          properties: {
            size: { type: "integer", description: "Bytes." },
            state: { type: "string", enum: ["new", "kept"] },
          },
          required: ["size"],
        },
        annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
      },
      read: { name: "read", title: "Read", description: "Reads.", inputSchema: { type: "object", properties: {} } },
    },
    server: {
      name: "notes",
      options: {
        access: option("access", { values: ["read", "write", "full"], default: "read" }),
        url: option("url", {}),
        token: { variable: "NOTES_TOKEN", kind: "text", credential: true, required: false },
        directories: { variable: "MOORING_NOTES_DIRECTORIES", kind: "list", positional: true, required: false },
        hidden: { variable: "MOORING_NOTES_HIDDEN", kind: "text", required: false },
        needed: option("needed", { required: true }),
      },
      resources: { "note://{name}": { name: "note", title: "A note", description: "One.", subscribe: true } },
      prompts: {
        greet: {
          title: "Greet",
          description: "Greets.",
          arguments: { who: { required: true, description: "Whom." }, how: { required: false } },
        },
      },
      toolsets: { extra: { default: true, description: "More." }, rare: { default: false, description: "Rare." } },
      aliases: {
        tools: { get: "read" },
        selection: { note_read: "read" },
        arguments: { write: { file: "path" } },
      },
      tools: {
        write: { access: { by: "mode", values: { create: "write", replace: "write" } }, toolset: "default" },
        read: { access: "read", toolset: "default", scopes: ["repo"] },
      },
    },
  };
}

function option(flag: string, more: object): object {
  return { flag, variable: `MOORING_NOTES_${flag.toUpperCase()}`, kind: "text", required: false, ...more };
}

/** A draft as its snapshots say it. */
export function surfaceOf({ tools, server }: Draft): Surface {
  const files = Object.entries(tools).map(([name, tool]) => [`${name}.json`, JSON.stringify(tool)] as const);
  const rest = server === undefined ? [] : [["server.surface.json", JSON.stringify(server)] as const];
  return readSurface(new Map([...files, ...rest]), "a test");
}
