import { expect, test } from "vitest";
import { checkDefinition } from "../src/check-definition.ts";
import { ConfigError } from "../src/config-error.ts";
import { type Selection, selectTools } from "../src/selection.ts";
import { notesServer } from "./notes-server.ts";

const names = (selection: Partial<Selection>) =>
  selectTools(notesServer, { access: "full", ...selection }).map((tool) => tool.name);
const all = notesServer.tools.map((tool) => tool.name);

test("default sets, one set, all", () => {
  expect(names({})).toEqual(all);
  expect(names({ toolsets: ["danger"] })).toEqual(["delete"]);
  expect(names({ toolsets: ["all"] })).toEqual(all);
});

test("--tools alone means exactly these; with sets it adds", () => {
  expect(names({ tools: ["count", "re*"] })).toEqual(["read", "count"]);
  expect(names({ tools: ["count"], toolsets: ["danger"] })).toEqual(["count", "delete"]);
});

test("--exclude wins, and nothing widens the level", () => {
  expect(names({ tools: ["read", "delete"], exclude: ["delete"] })).toEqual(["read"]);
  expect(names({ tools: ["read", "delete"], access: "read" })).toEqual(["read"]);
});

test("unknown names stop the start, all at once, with the ones that were meant", () => {
  const attempt = () => names({ toolsets: ["dangr"], tools: ["raed"], exclude: ["zzz*"] });
  expect(attempt).toThrow(ConfigError);
  expect(attempt).toThrow(/Unknown toolset "dangr"[\s\S]*Did you mean "read"[\s\S]*No tool fits "zzz\*"/);
});

test("--tools and --exclude understand old names, and those of another server", () => {
  const aliases = { tools: { get: "read" }, selection: { get_note: "read", count_notes: "count" } };
  const server = { ...notesServer, aliases };
  const chosen = selectTools(server, { access: "full", tools: ["get", "get_note", "count_notes"] });
  expect(chosen.map((tool) => tool.name)).toEqual(["read", "count"]);
  expect(selectTools(server, { access: "read", exclude: ["get_note"] }).map((tool) => tool.name)).not.toContain("read");
});

test("an alias may not be a tool's name, nor stand for none", () => {
  const aliased = (aliases: object) => () => checkDefinition({ ...notesServer, aliases });
  expect(aliased({ tools: { delete: "read" } })).toThrow('The alias "delete" is the name of a tool.');
  expect(aliased({ selection: { x: "nothing" } })).toThrow('stands for the tool "nothing", which is not defined');
});
