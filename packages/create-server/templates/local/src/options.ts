import { defineOptions } from "@mooring/core";
import * as z from "zod";

/** `--help`, the README's tables, server.json and manifest.json derive from these. */
export const options = defineOptions({
  directory: {
    schema: z.array(z.string()).max(1, "expected one folder").default([]),
    positional: true,
    valueName: "DIR",
    description: "The folder of notes; nothing outside of it is in reach.",
  },
  pollSeconds: {
    schema: z.coerce.number<unknown>("expected a number of seconds").min(1).max(86_400).default(2),
    valueName: "N",
    description: "Seconds between two looks at a note that is followed.",
  },
});
