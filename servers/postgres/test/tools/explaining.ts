import { defineServer } from "@mooring/core";
import { connect, type TestClient } from "@mooring/core/testing";
import type { Databases } from "../../src/database.ts";
import { mapError } from "../../src/errors.ts";
import { plan } from "../../src/resources/plan.ts";
import type { Deps } from "../../src/tool.ts";
import { explain } from "../../src/tools/explain.ts";

export interface Answer {
  readonly text: string;
  readonly failed: boolean;
  readonly picture: string | undefined;
}

/** A client of a server with `explain` alone. */
export async function explaining(databases: Databases): Promise<TestClient & { ask(args: object): Promise<Answer> }> {
  const server = defineServer<Deps>({
    name: "postgres",
    title: "Postgres",
    version: "1.0.0",
    tools: [explain],
    resources: [plan],
    fenced: true,
    mapError,
  });
  const client = await connect(server, { deps: { databases, config: {} as Deps["config"], stateDir: "" } });
  return Object.assign(client, {
    async ask(args: object): Promise<Answer> {
      const { content, isError } = await client.call("explain", { ...args });
      const texts = content.flatMap((block) => (block.type === "text" ? [block.text] : []));
      const link = content.find((block) => block.type === "resource_link");
      return { text: texts.join("\n"), failed: isError === true, picture: link?.uri };
    },
  });
}
