import { ToolError } from "@mooring/core";
import { connect } from "@mooring/testing";
import { describe, expect, test } from "vitest";
import type { Databases } from "../../src/database.ts";
import type { Config } from "../../src/options.ts";
import { prompts } from "../../src/prompts/index.ts";
import { sqlBlock } from "../../src/prompts/sql-block.ts";
import { postgres as definition } from "../../src/server.ts";
import { fakeDatabase } from "../catalog/fake-database.ts";

const databases: Databases = {
  names: ["shop", "warehouse"],
  get(name) {
    if (name !== "shop" && name !== "warehouse")
      throw new ToolError("invalid_input", `There is no database "${name}".`);
    return fakeDatabase(name, () => []);
  },
  close: async () => {},
};
const deps = { databases, config: {} as Config, stateDir: "/nonexistent" };
const start = () => connect({ ...definition, resources: [], prompts }, { deps });

describe.each(["investigate-slow-query", "review-migration"])("%s", (name) => {
  const get = async (args: Record<string, string>) => {
    await using mcp = await start();
    const { messages } = await mcp.client.getPrompt({ name, arguments: args });
    const [message] = messages;
    return message?.content.type === "text" ? message.content.text : "";
  };

  test("has the SQL in a block, and the database", async () => {
    const text = await get({ sql: "SELECT 1", database: "warehouse" });
    expect(text).toContain("```sql\nSELECT 1\n```");
    expect(text).toContain("database warehouse");
    expect(text).toContain("`schema`");
    expect(text).toMatch(name === "review-migration" ? /`migrate` without apply/ : /`explain`[^]*`advise`/);
    expect(await get({ sql: "SELECT 1" })).not.toContain("database warehouse");
  });

  test("SQL cannot end its block", async () => {
    expect(await get({ sql: "SELECT '```'" })).toContain("````sql\nSELECT '```'\n````");
  });

  test.for([{}, { sql: "" }, { sql: "SELECT 1", nope: "x" }] as Record<string, string>[])(
    "refuses %j",
    async (args) => {
      await expect(get(args)).rejects.toThrow(/sql|nope/);
    },
  );

  test("an unknown database fails at once", async () => {
    await expect(get({ sql: "SELECT 1", database: "nope" })).rejects.toThrow(/no database/);
  });

  test("completes databases", async () => {
    await using mcp = await start();
    const { completion } = await mcp.client.complete({
      ref: { type: "ref/prompt", name },
      argument: { name: "database", value: "ware" },
    });
    expect(completion.values).toEqual(["warehouse"]);
  });
});

test("a block is one backtick longer than what it holds", () => {
  expect(sqlBlock(" a `````b\n")).toBe("``````sql\na `````b\n``````");
});
