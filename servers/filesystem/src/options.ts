import { defineOptions } from "@mooring/core";
import * as z from "zod";
import { isEncodingLabel } from "./text/decode.ts";

const count = (standard: number, least: number) => {
  const expected = `expected a whole number of at least ${least}`;
  return z.coerce.number<unknown>(expected).int(expected).min(least, expected).default(standard);
};

/** The options only this server has; `--help`, README and manifests derive from them. */
export const options = defineOptions({
  directories: {
    // One that is empty was a variable that the host left empty: said like any other that cannot be used.
    schema: z.array(z.string()).default([]),
    positional: true,
    valueName: "DIR",
    description: "The directories to share; everything else is out of reach. None is shared unless named.",
  },
  allow: {
    schema: z.array(z.string().min(1)).default([]),
    valueName: "GLOB",
    description: "Lifts the refusal of names that usually hold secrets (`.env`, `*.pem`, `.ssh`) for what fits.",
  },
  sandbox: {
    schema: z.enum(["auto", "require"]).default("auto"),
    description: "`require` refuses to start where files cannot be pinned by descriptors (without Linux and /proc).",
  },
  hardlinks: {
    schema: z.enum(["allow", "deny"]).default("allow"),
    description: "`deny` refuses to read files that have more than one name, since another may lie outside.",
  },
  encoding: {
    schema: z
      .string()
      .refine(isEncodingLabel, "expected an encoding such as windows-1252, gbk or shift_jis")
      .optional(),
    valueName: "LABEL",
    description: "How to read text that is neither UTF-8 nor UTF-16; without it such files count as binary.",
  },
  journal: {
    schema: z.enum(["on", "off"]).default("on"),
    description: "Keep what changes replace, in the state folder, for `undo`.",
  },
  journalMb: {
    schema: count(256, 1),
    valueName: "N",
    description: "The most megabytes the journal keeps; the oldest entries go first.",
  },
  journalDays: {
    schema: count(7, 1),
    valueName: "N",
    description: "How many days the journal keeps an entry.",
  },
  maxWatches: {
    schema: count(4096, 0),
    valueName: "N",
    description: "The most watches of the operating system held for subscriptions; what is above them is polled.",
  },
});
