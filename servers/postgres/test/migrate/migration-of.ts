import { createParser } from "../../src/guard/parser.ts";
import { type Migration, readMigration } from "../../src/migrate/read-migration.ts";
import type { Step } from "../../src/migrate/step.ts";
import type { Config } from "../../src/options.ts";

const parser = createParser();

/** A text as the tool reads it, without a database. */
export function migrationOf(sql: string, open: Config["allowStatements"] = []): Promise<Migration> {
  return readMigration(
    { statements: (text) => parser.ask("statements", text), trees: (text) => parser.ask("tree", text) },
    sql,
    open,
  );
}

export async function stepsOf(sql: string, open: Config["allowStatements"] = []): Promise<readonly Step[]> {
  const migration = await migrationOf(sql, open);
  return migration.kind === "steps" ? migration.steps : [migration.step];
}
