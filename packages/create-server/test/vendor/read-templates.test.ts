import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { kinds } from "../../src/kinds.ts";
import { readTemplates } from "../../src/vendor/read-templates.ts";

const packages = fileURLToPath(new URL("../../..", import.meta.url));
const templates = readTemplates();
const versionOf = (name: string) =>
  (JSON.parse(readFileSync(join(packages, name, "package.json"), "utf8")) as { version: string }).version;

test("there is a template for each kind, and a kind for each template", () => {
  const folders = readdirSync(join(packages, "create-server/templates")).filter((name) => !name.startsWith("."));
  expect(Object.keys(templates.kinds).toSorted()).toEqual(folders.toSorted());
  expect(Object.keys(kinds).toSorted()).toEqual(folders.toSorted());
});

test("each has one tool of every level, as its code says", () => {
  const levels = Object.fromEntries(
    Object.entries(templates.kinds).map(([kind, { tools }]) => [kind, tools.map(({ access }) => access).toSorted()]),
  );
  const every = ["full", "read", "write"];
  expect(levels).toEqual({ "http-api": every, database: every, local: every });
  expect(templates.kinds["http-api"]?.tools).toContainEqual({
    name: "delete_ticket",
    access: "full",
    file: "delete-ticket",
    constant: "deleteTicket",
  });
});

test("files that begin with a dot are there, and what was made is not", () => {
  expect(Object.keys(templates.server)).toContain(".dockerignore");
  expect(Object.keys(templates.standalone)).toEqual(
    expect.arrayContaining([".github/workflows/ci.yml", ".changeset/config.json", "_gitignore", "_gitattributes"]),
  );
  const paths = Object.values(templates.kinds).flatMap(({ files }) => Object.keys(files));
  expect(paths.filter((path) => /(?:^|\/)(?:node_modules|dist|artifacts|\.turbo)(?:\/|$)|\\/.test(path))).toEqual([]);
});

test("versions are those of the packages here", () => {
  expect(templates.version).toBe(versionOf("create-server"));
  expect(templates.ranges).toEqual({
    "@mooring/core": `^${versionOf("core")}`,
    "@mooring/testing": `^${versionOf("testing")}`,
  });
});
