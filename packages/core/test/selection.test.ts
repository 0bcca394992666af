import { expect, test } from "vitest";
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
