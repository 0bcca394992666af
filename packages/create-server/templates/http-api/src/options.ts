import { defineOptions, duration } from "@mooring/core";
import * as z from "zod";

/** `--help`, the README's tables, server.json and manifest.json derive from these. */
export const options = defineOptions({
  url: {
    schema: z.url({ protocol: /^https?$/ }).default("https://api.invalid"),
    valueName: "URL",
    description: "Where the service's API is.",
  },
  token: {
    schema: z.string().optional(),
    env: "EXAMPLE_TOKEN",
    credential: true,
    description: "Token of the service.",
  },
  poll: {
    schema: duration("30s"),
    valueName: "TIME",
    description: "How long between two looks at a resource that is followed.",
  },
});
