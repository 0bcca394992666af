import { ToolError } from "@mooring/core";
import type { Database, Databases } from "./database.ts";

/** The databases by name; `missing` says how to configure one, where there is none. */
export function createDatabases(all: readonly Database[], missing: () => ToolError): Databases {
  const byName = new Map(all.map((database) => [database.name, database]));
  return {
    names: [...byName.keys()],
    get(name) {
      const [only] = all;
      if (!only) throw missing();
      if (name === undefined && all.length === 1) return only;
      const found = name === undefined ? undefined : byName.get(name);
      if (found) return found;
      const known = [...byName.keys()].map((each) => `"${each}"`).join(", ");
      throw new ToolError(
        "invalid_input",
        name === undefined ? "Which database is not said." : `There is no database "${name}".`,
        {
          hint: `Say one of ${known}.`,
        },
      );
    },
    close: async () => void (await Promise.all(all.map((database) => database.close()))),
  };
}
