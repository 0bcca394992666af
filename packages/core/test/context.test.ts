import { expect, test } from "vitest";
import * as z from "zod";
import { defineServer } from "../src/definition.ts";
import { connect } from "../src/testing.ts";
import { toolFactory } from "../src/tool.ts";

test("a handler may spread its context and take parts out", async () => {
  const tool = toolFactory<{ readonly name: string }>();
  const spread = tool({
    name: "spread",
    title: "Spread",
    description: "Spreads its context.",
    access: "read",
    input: z.strictObject({}),
    run(_input, { name, ...rest }) {
      const { signal, ref, progress, deadline, principal } = { ...rest };
      progress(1);
      return [name, signal instanceof AbortSignal, ref.length, deadline > Date.now(), principal];
    },
    render: (data) => JSON.stringify(data),
  });
  await using mcp = await connect(defineServer({ name: "x", title: "X", version: "0.0.0", tools: [spread] }), {
    deps: { name: "deps" },
  });
  expect((await mcp.call("spread")).content).toEqual([{ type: "text", text: '["deps",true,36,true,"local"]' }]);
});
