import { defineOptions } from "@mooring/core";
import * as z from "zod";

/** `--help`, the README's tables, server.json and manifest.json derive from these. */
export const options = defineOptions({
  databaseUrl: {
    schema: z.string().optional(),
    env: "DATABASE_URL",
    credential: true,
    description: "Where the database is, and who logs in: postgres://user:password@host:5432/name.",
  },
});
