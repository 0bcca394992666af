import { defineOptions } from "@mooring/core";
import * as z from "zod";

/** `--help`, the README's tables, server.json and manifest.json derive from these. */
export const options = defineOptions({
  url: {
    schema: z.url({ protocol: /^https?$/ }).default("https://api.invalid"),
    valueName: "URL",
    description: "Where the service's API is.",
  },
  // begin: auth
  token: {
    schema: z.string().optional(),
    env: "EXAMPLE_TOKEN",
    credential: true,
    description: "Token of the service.",
  },
  // end: auth
  // begin: samples
  pollSeconds: {
    schema: z.coerce.number<unknown>("expected a number of seconds").min(1).max(86_400).default(30),
    valueName: "N",
    description: "Seconds between two looks at a ticket that is followed.",
  },
  // end: samples
});
