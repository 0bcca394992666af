import { expect, test } from "vitest";
import { checkDefinition } from "../src/check-definition.ts";
import { createLog } from "../src/log.ts";
import { createRedactor } from "../src/redact.ts";
import { connect, eras } from "../src/testing.ts";
import { notesDeps, notesServer } from "./notes-server.ts";

const text = (result: { content: unknown[] }) => (result.content[0] as { text: string }).text;

const aliases = {
  tools: { get: "read", remove: "delete" },
  selection: { note_read: "read" },
  arguments: { read: { title: "name" } },
};
const server = { ...notesServer, aliases };

function logged() {
  const lines: { level: string; msg: string }[] = [];
  const log = createLog({
    level: "warn",
    redactor: createRedactor("own"),
    sink: (line) => void lines.push(JSON.parse(line) as (typeof lines)[number]),
  });
  return { log, lines };
}

test.for(eras)("%s: old names of tools and arguments work, and are said once", async (era) => {
  const { log, lines } = logged();
  await using mcp = await connect(server, { deps: notesDeps(), prefix: "n_", log }, era);
  for (let i = 0; i < 3; i++) expect(text(await mcp.call("n_get", { title: "one" }))).toContain("first");
  expect(text(await mcp.call("n_read", { title: "one" }))).toContain("first");
  expect(lines.map(({ level, msg }) => [level, msg])).toEqual([
    ["warn", '"n_get" is the old name of the tool "n_read" and may go with the next major version: use the new one.'],
    [
      "warn",
      '"title" is the old name of the argument "name" of the tool "read" and may go with the next major version: use the new one.',
    ],
  ]);
});

test.for(eras)("%s: today's names are warned of by nobody, and no old one is listed", async (era) => {
  const { log, lines } = logged();
  await using mcp = await connect(server, { deps: notesDeps(), tools: ["note_read"], log }, era);
  await mcp.call("read", { name: "one" });
  const { tools } = await mcp.client.listTools();
  expect(JSON.stringify(tools)).not.toMatch(/"get"|note_read|"title":\{/);
  expect(tools.map(({ name }) => name)).toEqual(["read"]);
  expect(lines).toEqual([]);
});

test.for(eras)("%s: a person is asked before a destructive call under its old name as well", async (era) => {
  const asked: string[] = [];
  const deps = notesDeps();
  await using mcp = await connect(
    server,
    { deps, access: "full", answer: (question) => asked.push(question) > 0 },
    era,
  );
  expect((await mcp.call("remove", { name: "one" })).isError).not.toBe(true);
  expect(asked).toHaveLength(1);
  expect(deps.notes.has("one")).toBe(false);
});

test("an old name is above no level: it reaches what the new one reaches", async () => {
  await using mcp = await connect(server, { deps: notesDeps(), access: "read" });
  await expect(mcp.call("remove", { name: "one" })).rejects.toThrow("remove");
});

test("an operator who selects a tool by its old name is told", async () => {
  const { log, lines } = logged();
  await using mcp = await connect(server, { deps: notesDeps(), tools: ["get"], log });
  expect((await mcp.client.listTools()).tools.map(({ name }) => name)).toEqual(["read"]);
  expect(lines.map(({ msg }) => msg)).toEqual([expect.stringContaining('"get" is the old name of the tool "read"')]);
});

test.for<[object, string]>([
  [{ nothing: { a: "b" } }, 'aliases for arguments of the tool "nothing", which is not defined'],
  [{ read: { title: "nme" } }, 'The alias "title" stands for the argument "nme", which the tool "read" does not have.'],
  [{ read: { name: "name" } }, 'The alias "name" is the name of an argument of the tool "read".'],
])("aliases for arguments %j are refused", ([renamed, problem]) => {
  const definition = { ...notesServer, aliases: { arguments: renamed as Record<string, Record<string, string>> } };
  expect(() => checkDefinition(definition)).toThrow(problem);
});
