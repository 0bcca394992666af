import { describe, expect, it } from "vitest";
import * as z from "zod";
import { defineServer } from "../src/definition.ts";
import {
  budgets,
  budgetTable,
  exitCodeTable,
  informationTable,
  optionTable,
  replaceSection,
  resourceTable,
  table,
  toolTable,
} from "../src/docs.ts";
import { exitCodes } from "../src/exit-codes.ts";
import { commonOptions, defineOptions, duration } from "../src/options.ts";
import { toolFactory } from "../src/tool.ts";

const tool = toolFactory<object>();
const look = tool({
  name: "look",
  title: "Look",
  description: "Looks at a|b, ? may be missing. Changes nothing.",
  access: "read",
  input: z.strictObject({ path: z.string().describe("Where.") }),
  run: () => "seen",
  render: (text) => text,
});
const put = tool({
  name: "put",
  title: "Put",
  description: "Puts something\nsomewhere.",
  access: { by: "mode", create: "write", append: "write", overwrite: "destructive" },
  input: z.strictObject({ mode: z.enum(["create", "append", "overwrite"]).describe("How.") }),
  run: () => "put",
  render: (text) => text,
});
const server = defineServer({ name: "demo", title: "Demo", version: "1.0.0", tools: [look, put] });

describe("toolTable", () => {
  it("says which level admits a tool, and which values need more", () => {
    expect(toolTable(server)).toBe(
      [
        "| Tool | Access | What it does |",
        "|---|---|---|",
        "| `look` | `read` | Looks at a\\|b, ? may be missing. |",
        "| `put` | `write`, `full` for `mode: overwrite` | Puts something somewhere. |",
      ].join("\n"),
    );
  });

  it("has a column of scopes as soon as one tool needs some", () => {
    const scoped = { ...look, scopes: ["repo", "gist"] };
    const lines = toolTable({ ...server, tools: [scoped, put] }).split("\n");
    expect(lines[0]).toBe("| Tool | Access | What it does | Scopes |");
    expect(lines[2]).toMatch(/\| `repo`, `gist` \|$/);
    expect(lines[3]).toMatch(/\|  \|$/);
  });
});

describe("resourceTable", () => {
  it("lists resources, whether they can be watched, and prompts", () => {
    const note = { name: "note", title: "Note", uri: "note://{id}", description: "One note.", read: () => [] };
    const watched = { ...note, uri: "board://all", watch: () => () => {} };
    const tidy = { name: "tidy", title: "Tidy", description: "Tidies up.", messages: () => [] };
    expect(
      resourceTable({ ...server, resources: [note, watched], prompts: [tidy] })
        .split("\n")
        .slice(2),
    ).toEqual([
      "| `note://{id}` | resource | One note. |",
      "| `board://all` | resource, with subscriptions | One note. |",
      "| `tidy` | prompt | Tidies up. |",
    ]);
    expect(resourceTable(server)).toBe("");
  });
});

describe("optionTable", () => {
  const options = defineOptions({
    directories: { schema: z.array(z.string()).default([]), description: "Where.", positional: true, valueName: "DIR" },
    pageSize: { schema: z.int(), description: "How many.", valueName: "N" },
    wait: { schema: duration("30s"), description: "How long.", valueName: "TIME" },
    colour: { schema: z.enum(["red", "blue"]).default("red"), description: "Which." },
    quiet: { schema: z.boolean().default(false), description: "Says less.", flag: "hush" },
    token: { schema: z.string(), description: "The key.", env: "DEMO_TOKEN", credential: true },
  });

  it("shows each option as it is written, its variable and its default", () => {
    expect(optionTable("demo", options).split("\n").slice(2)).toEqual([
      "| `DIR…` | `MOORING_DEMO_DIRECTORIES` |  | Where. |",
      "| `--page-size N` | `MOORING_DEMO_PAGE_SIZE` | required | How many. |",
      "| `--wait TIME` | `MOORING_DEMO_WAIT` | `30s` | How long. |",
      "| `--colour red\\|blue` | `MOORING_DEMO_COLOUR` | `red` | Which. |",
      "| `--hush` | `MOORING_DEMO_QUIET` | off | Says less. |",
      "| no flag | `DEMO_TOKEN` |  | The key. |",
    ]);
  });

  it("shows every common option once", () => {
    const common = commonOptions({ redact: "own" });
    expect(optionTable("demo", common).split("\n")).toHaveLength(Object.keys(common).length + 2);
  });
});

describe("exitCodeTable and informationTable", () => {
  it("say what core does", () => {
    expect(exitCodeTable()).toMatch(/^\| 3 \| `--check` found a problem\. \|$/m);
    expect(exitCodeTable().split("\n")).toHaveLength(2 + Object.keys(exitCodes).length);
    expect(informationTable()).toContain("| `--list-tools` |");
    expect(informationTable({ "print-size": { description: "How many." } })).toBe(
      `${informationTable()}\n| \`--print-size\` | How many. |`,
    );
  });
});

describe("budgets", () => {
  const words = (text: string) => text.length;

  it("counts what is listed at each level, as it is sent", () => {
    const [read, write, full] = budgets(server, words);
    expect(read).toMatchObject({ access: "read", tools: 1 });
    expect(write).toMatchObject({ access: "write", tools: 2 });
    expect(full?.bytes).toBeGreaterThan(write?.bytes ?? Infinity);
    const inputSchema = {
      type: "object",
      properties: { path: { type: "string", description: "Where." } },
      required: ["path"],
    };
    expect(read?.tokens).toBe(JSON.stringify({ name: "look", description: look.description, inputSchema }).length);
    expect(read?.bytes).toBeGreaterThan(read?.tokens ?? Infinity);
  });

  it("becomes a table", () => {
    expect(budgetTable(server, () => 1_234).split("\n")[2]).toMatch(/^\| `read` \| 1 \| 1,234 \| \d+ \|$/);
  });
});

describe("replaceSection", () => {
  it("replaces between the marks and nothing else, dollar signs included", () => {
    const text = "a\n<!-- begin:x -->\nold\n<!-- end:x -->\nb";
    expect(replaceSection(text, "x", "costs $& and $1")).toBe(
      "a\n<!-- begin:x -->\ncosts $& and $1\n<!-- end:x -->\nb",
    );
  });

  it("says which section is missing", () => {
    expect(() => replaceSection("nothing", "tools", "")).toThrow('There is no section "tools".');
  });
});

describe("table", () => {
  it("keeps one row on one line", () => {
    expect(table(["a"], [["x\n  y | z"]])).toBe("| a |\n|---|\n| x y \\| z |");
  });
});
