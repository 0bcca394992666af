import { expect, test } from "vitest";
import { compareSurfaces } from "../../src/compare/compare-surfaces.ts";
import { type RuleName, rules } from "../../src/compare/rules.ts";
import { type Draft, draft, surfaceOf } from "./surfaces.ts";

type Row = readonly [rule: RuleName, line: string, change: (now: Draft, before: Draft) => void];

const input = ({ tools }: Draft) => tools["write"].inputSchema;
const output = ({ tools }: Draft) => tools["write"].outputSchema;

// Each change of one thing gives exactly one line; what it comes to is the rule's level.
const rows: readonly Row[] = [
  ["serverRenamed", 'server: is now called "x", and so are its variables', (now) => (now.server.name = "x")],
  ["toolRemoved", "write: is gone and has no alias", (now) => remove(now, "write")],
  ["toolAdded", "new: is new", (now) => (now.tools["new"] = { name: "new" })],
  ["toolText", "write: its description changed", (now) => (now.tools["write"].description = "Writes well.")],
  ["toolText", "write: its title changed", (now) => (now.tools["write"].title = "W")],
  ["listedOtherwise", "write: its icons changed", (now) => (now.tools["write"].icons = [])],
  [
    "toolRenamed",
    "write: is now called put, with an alias",
    (now) => {
      rename(now, "write", "put");
      now.server.aliases.tools.write = "put";
    },
  ],
  [
    "moreDangerous",
    "write: destructiveHint is now true",
    (now) => (now.tools["write"].annotations.destructiveHint = true),
  ],
  [
    "moreDangerous",
    "write: idempotentHint is now false",
    (now) => (now.tools["write"].annotations.idempotentHint = undefined),
  ],
  ["lessDangerous", "write: readOnlyHint is now true", (now) => (now.tools["write"].annotations.readOnlyHint = true)],
  ["accessRaised", "read: needs --access write now, read before", (now) => (now.server.tools.read.access = "write")],
  [
    "accessRaised",
    "write, mode=replace: needs --access full now, write before",
    (now) => (now.server.tools.write.access.values.replace = "full"),
  ],
  [
    "accessLowered",
    "write, mode=create: needs --access read now, write before",
    (now) => (now.server.tools.write.access.values.create = "read"),
  ],
  [
    "toolsetLeft",
    'read: moved from the toolset "default" to "extra"',
    (now) => (now.server.tools.read.toolset = "extra"),
  ],
  ["scopeNeeded", 'read: needs the scope "admin"', (now) => now.server.tools.read.scopes.push("admin")],
  ["scopeDropped", 'read: does not need the scope "repo" any more', (now) => delete now.server.tools.read.scopes],

  ["argumentRemoved", 'write, argument "count": is gone', (now) => delete input(now).properties.count],
  [
    "argumentRemoved",
    'write, argument "edits[].old": is gone',
    (now) => (input(now).properties.edits.items = { type: "object", properties: {} }),
  ],
  [
    "argumentRenamed",
    'write, argument "count": is now called "times", with an alias',
    (now) => {
      input(now).properties.times = input(now).properties.count;
      delete input(now).properties.count;
      now.server.aliases.arguments.write.count = "times";
    },
  ],
  [
    "argumentRequired",
    'write, argument "why": is new and required',
    (now) => {
      input(now).properties.why = { type: "string" };
      input(now).required.push("why");
    },
  ],
  ["argumentRequired", 'write, argument "count": is now required', (now) => input(now).required.push("count")],
  ["argumentOptional", 'write, argument "path": is now optional', (now) => (input(now).required = [])],
  ["argumentAdded", 'write, argument "why": is new', (now) => (input(now).properties.why = { type: "string" })],
  [
    "argumentAdded",
    'write, argument "edits[].new": is new',
    (now) => (input(now).properties.edits.items.properties.new = { type: "string" }),
  ],
  [
    "argumentType",
    'write, argument "path": the type "string" is now "array"',
    (now) => (input(now).properties.path = { type: "array", items: { type: "string" } }),
  ],
  [
    "argumentTakesMore",
    'write, argument "count": the type "integer" is now "number"',
    (now) => (input(now).properties.count.type = "number"),
  ],
  [
    "argumentType",
    'write, argument "count": the type "number" is now "integer"',
    (_now, before) => (input(before).properties.count.type = "number"),
  ],
  [
    "argumentTakesMore",
    'write, argument "path": the form {"type":"null"} is new',
    (now) => (input(now).properties.path = { anyOf: [{ type: "string", maxLength: 100 }, { type: "null" }] }),
  ],
  [
    "argumentType",
    'write, argument "path": the form {"type":"null"} is gone',
    (_now, before) =>
      (input(before).properties.path = { anyOf: [{ type: "null" }, { type: "string", maxLength: 100 }] }),
  ],
  ["valueAdded", 'write, argument "mode": the value "x" is new', (now) => input(now).properties.mode.enum.push("x")],
  [
    "valueRemoved",
    'write, argument "mode": the value "replace" is gone',
    (now) => (input(now).properties.mode.enum = ["create"]),
  ],
  ["valueRemoved", 'write, argument "path": only takes ["a"] now', (now) => (input(now).properties.path.enum = ["a"])],
  ["valueAdded", 'write, argument "mode": takes any value now', (now) => delete input(now).properties.mode.enum],
  ...(
    [
      ["limitNarrowed", "count", "maximum", 9],
      ["limitWidened", "count", "maximum", 11],
      ["limitNarrowed", "count", "minimum", 2],
      ["limitWidened", "count", "minimum", 0],
      ["limitNarrowed", "path", "maxLength", 99],
      ["limitWidened", "path", "maxLength", undefined],
      ["limitNarrowed", "path", "minLength", 1],
      ["limitNarrowed", "path", "pattern", "^a"],
      ["limitNarrowed", "edits", "maxItems", 3],
      ["limitNarrowed", "edits", "uniqueItems", true],
    ] as const
  ).map(([rule, argument, key, value]): Row => {
    const was = (draft().tools["write"].inputSchema.properties[argument][key] as number | undefined) ?? "(none)";
    const line = `write, argument "${argument}": ${key} ${was} is now ${value === undefined ? "(none)" : JSON.stringify(value)}`;
    return [rule, line, (now) => (input(now).properties[argument][key] = value)];
  }),
  [
    "limitNarrowed",
    "write: additionalProperties (none) is now false",
    (now) => (input(now).additionalProperties = false),
  ],
  [
    "defaultChanged",
    'write, argument "mode": the default "create" is now "replace"',
    (now) => (input(now).properties.mode.default = "replace"),
  ],
  [
    "argumentText",
    'write, argument "mode": its description changed',
    (now) => (input(now).properties.mode.description = "?"),
  ],

  ["fieldRemoved", 'write, result "state": is gone', (now) => delete output(now).properties.state],
  ["fieldOptional", 'write, result "size": may now be missing', (now) => (output(now).required = [])],
  [
    "fieldType",
    'write, result "size": the type "integer" is now "string"',
    (now) => (output(now).properties.size.type = "string"),
  ],
  [
    "fieldType",
    'write, result "size": the type "integer" is now "number"',
    (now) => (output(now).properties.size.type = "number"),
  ],
  [
    "fieldExacter",
    'write, result "size": the type "number" is now "integer"',
    (_now, before) => (output(before).properties.size.type = "number"),
  ],
  ["fieldExacter", 'write, result "state": is now always there', (now) => output(now).required.push("state")],
  ["fieldExacter", 'write, result "state": the value "x" is new', (now) => output(now).properties.state.enum.push("x")],
  ["fieldAdded", 'write, result "line": is new', (now) => (output(now).properties.line = { type: "integer" })],
  ["schemaRemoved", "write: has no output schema any more", (now) => delete now.tools["write"].outputSchema],
  ["schemaAdded", "read: has an output schema now", (now) => (now.tools["read"].outputSchema = { type: "object" })],
  [
    "fieldText",
    'write, result "size": its description changed',
    (now) => delete output(now).properties.size.description,
  ],

  ["aliasDropped", 'alias "get": no longer stands for read', (now) => (now.server.aliases.tools = {})],
  ["aliasDropped", 'alias "get": no longer stands for read', (now) => (now.server.aliases.tools = { get: "write" })],
  ["aliasDropped", 'alias "note_read": no longer stands for read', (now) => (now.server.aliases.selection = {})],
  [
    "aliasDropped",
    'write, alias "file": no longer stands for the argument "path"',
    (now) => (now.server.aliases.arguments = {}),
  ],
  ["aliasAdded", 'alias "fetch": is new', (now) => (now.server.aliases.tools.fetch = "read")],

  ["optionRemoved", "option url: is gone", (now) => delete now.server.options.url],
  ["optionRenamed", "option url: --url is now --address", (now) => (now.server.options.url.flag = "address")],
  ["optionRenamed", "option url: --url is gone", (now) => delete now.server.options.url.flag],
  ["optionRenamed", "option token: NOTES_TOKEN is now T", (now) => (now.server.options.token.variable = "T")],
  [
    "optionRenamed",
    "option directories: is not taken without a flag any more",
    (now) => delete now.server.options.directories.positional,
  ],
  ["optionKind", 'option url: its kind "text" is now "list"', (now) => (now.server.options.url.kind = "list")],
  [
    "optionKind",
    "option token: its credential true is now (none)",
    (now) => delete now.server.options.token.credential,
  ],
  ["optionValueRemoved", 'option access: the value "full" is gone', (now) => now.server.options.access.values.pop()],
  ["optionValueRemoved", 'option url: only takes ["a"] now', (now) => (now.server.options.url.values = ["a"])],
  ["optionValueAdded", 'option access: the value "all" is new', (now) => now.server.options.access.values.push("all")],
  ["optionValueAdded", "option access: takes any text now", (now) => delete now.server.options.access.values],
  ["optionRequired", "option url: is now required", (now) => (now.server.options.url.required = true)],
  ["optionRequired", "option must: is new and required", (now) => (now.server.options.must = { required: true })],
  ["optionOptional", "option needed: is now optional", (now) => (now.server.options.needed.required = false)],
  [
    "accessDefault",
    'option access: its default "read" is now "full"',
    (now) => (now.server.options.access.default = "full"),
  ],
  ["optionDefault", 'option url: its default (none) is now "x"', (now) => (now.server.options.url.default = "x")],
  ["optionAdded", "option may: is new", (now) => (now.server.options.may = { required: false })],
  ["optionFlagAdded", "option hidden: can stand on the command line", (now) => (now.server.options.hidden.flag = "h")],

  ["resourceRemoved", "resource note://{name}: is gone", (now) => (now.server.resources = {})],
  ["resourceAdded", "resource x://y: is new", (now) => (now.server.resources["x://y"] = {})],
  [
    "resourceName",
    'resource note://{name}: its name "note" is now "n"',
    (now) => (now.server.resources["note://{name}"].name = "n"),
  ],
  [
    "resourceUnfollowed",
    "resource note://{name}: cannot be subscribed to any more",
    (now) => (now.server.resources["note://{name}"].subscribe = false),
  ],
  [
    "resourceFollowed",
    "resource note://{name}: can be subscribed to",
    (_now, before) => (before.server.resources["note://{name}"].subscribe = false),
  ],
  [
    "resourceText",
    "resource note://{name}: its title changed",
    (now) => (now.server.resources["note://{name}"].title = "N"),
  ],

  ["promptRemoved", "prompt greet: is gone", (now) => (now.server.prompts = {})],
  ["promptAdded", "prompt part: is new", (now) => (now.server.prompts.part = {})],
  [
    "promptArgumentRemoved",
    'prompt greet, argument "how": is gone',
    (now) => delete now.server.prompts.greet.arguments.how,
  ],
  [
    "promptArgumentRequired",
    'prompt greet, argument "how": is now required',
    (now) => (now.server.prompts.greet.arguments.how.required = true),
  ],
  [
    "promptArgumentRequired",
    'prompt greet, argument "x": is new and required',
    (now) => (now.server.prompts.greet.arguments.x = { required: true }),
  ],
  [
    "promptArgumentOptional",
    'prompt greet, argument "who": is now optional',
    (now) => (now.server.prompts.greet.arguments.who.required = false),
  ],
  [
    "promptArgumentAdded",
    'prompt greet, argument "x": is new',
    (now) => (now.server.prompts.greet.arguments.x = { required: false }),
  ],
  ["promptText", "prompt greet: its title changed", (now) => (now.server.prompts.greet.title = "G")],
  [
    "promptText",
    'prompt greet, argument "who": its description changed',
    (now) => (now.server.prompts.greet.arguments.who.description = "?"),
  ],

  ["toolsetRemoved", "toolset extra: is gone", (now) => delete now.server.toolsets.extra],
  ["toolsetOff", "toolset extra: is no longer on by default", (now) => (now.server.toolsets.extra.default = false)],
  ["toolsetAdded", "toolset x: is new", (now) => (now.server.toolsets.x = {})],
  ["toolsetOn", "toolset rare: is on by default", (now) => (now.server.toolsets.rare.default = true)],
  ["toolsetText", "toolset rare: its description changed", (now) => (now.server.toolsets.rare.description = "?")],
];

function remove({ tools, server }: Draft, name: string): void {
  delete tools[name];
  delete server.tools[name];
}

function rename(now: Draft, old: string, name: string): void {
  now.tools[name] = { ...now.tools[old], name };
  now.server.tools[name] = now.server.tools[old];
  now.server.aliases.arguments = { [name]: now.server.aliases.arguments[old] };
  remove(now, old);
}

test("two equal surfaces do not differ, however they are written down", () => {
  const now = draft();
  now.tools = Object.fromEntries(Object.entries(now.tools).toReversed());
  now.tools["write"].inputSchema = Object.fromEntries(Object.entries(now.tools["write"].inputSchema).toReversed());
  expect(compareSurfaces(surfaceOf(draft()), surfaceOf(now))).toEqual([]);
});

test.for(rows)("%s: %s", ([rule, line, edit]) => {
  const [before, now] = [draft(), draft()];
  edit(now, before);
  const changes = compareSurfaces(surfaceOf(before), surfaceOf(now));
  expect(changes.map(({ where, what }) => `${where}: ${what}`)).toEqual([line]);
  expect(changes[0]).toMatchObject({ rule, level: rules[rule].level });
});

test("each rule has a case", () => {
  const seen = new Set<string>(rows.map(([rule]) => rule));
  const ofServers = Object.entries(rules).filter(([, { of }]) => of !== "Exports");
  expect(ofServers.map(([rule]) => rule).filter((rule) => !seen.has(rule))).toEqual([]);
});

test("a tool that is renamed is held against its old definition, its aliases too", () => {
  const now = draft();
  rename(now, "write", "put");
  now.server.aliases.tools.write = "put";
  delete input({ ...now, tools: { write: now.tools["put"] } }).properties.count;
  now.server.tools.put.access = "full";
  now.server.aliases.arguments = {};
  expect(lines(now)).toEqual([
    'major put, argument "count": is gone',
    'major write, alias "file": no longer stands for the argument "path"',
    "major put, mode=create: needs --access full now, write before",
    "major put, mode=replace: needs --access full now, write before",
    "minor write: is now called put, with an alias",
  ]);
});

test("an alias follows a second renaming, and goes with its tool", () => {
  const now = draft();
  now.tools["fetch"] = { ...now.tools["read"], name: "fetch" };
  now.server.tools.fetch = now.server.tools.read;
  remove(now, "read");
  now.server.aliases.tools = { get: "fetch", read: "fetch" };
  now.server.aliases.selection = { note_read: "fetch" };
  expect(lines(now)).toEqual(["minor read: is now called fetch, with an alias"]);
  now.server.aliases.tools = { get: "fetch" };
  expect(lines(now)).toEqual(["major read: is gone and has no alias", "minor fetch: is new"]);
});

test("a name may come back, as its own tool", () => {
  const before = draft();
  rename(before, "write", "put");
  before.server.aliases.tools.write = "put";
  const now = draft();
  now.server.aliases.tools.put = "write";
  expect(lines(now, before)).toEqual(["minor put: is now called write, with an alias"]);
});

test("values that come or go break nobody by their level", () => {
  const now = draft();
  now.server.tools.write.access.values.overwrite = "full";
  input(now).properties.mode.enum.push("overwrite");
  expect(lines(now)).toEqual(['minor write, argument "mode": the value "overwrite" is new']);
});

test("a level by argument is held against one level for all, and the other way round", () => {
  const [before, now] = [draft(), draft()];
  before.server.tools.write.access = "write";
  now.server.tools.write.access.values.replace = "full";
  expect(lines(now, before)).toEqual(["major write, mode=replace: needs --access full now, write before"]);
  expect(lines(before, now)).toEqual(["minor write, mode=replace: needs --access write now, full before"]);
  // The argument itself is new: calls of before leave it at its default.
  delete input(before).properties.mode;
  expect(lines(now, before)).toEqual(['minor write, argument "mode": is new']);
  now.server.tools.write.access.values.create = "full";
  expect(lines(now, before)).toContain("major write, mode=create: needs --access full now, write before");
});

test("without the older file only tools are compared", () => {
  const [before, now] = [draft(), draft()];
  before.server = undefined;
  now.server.options = {};
  now.tools["write"].title = "W";
  expect(lines(now, before)).toEqual(["patch write: its title changed"]);
});

function lines(now: Draft, before = draft()): string[] {
  return compareSurfaces(surfaceOf(before), surfaceOf(now))
    .map(({ level, where, what }) => `${level} ${where}: ${what}`)
    .toSorted((a, b) => (a.slice(0, 5) === b.slice(0, 5) ? 0 : a < b ? -1 : 1));
}
