import { promptFactory } from "@mooring/core";
import * as z from "zod";
import { completePath } from "../resources/complete-path.ts";
import type { Deps } from "../tool.ts";

const WINDOWS = process.platform === "win32";

/** What a person asks first of a folder that they do not know. */
export const explore = promptFactory<Deps>()({
  name: "explore",
  title: "Explore a folder",
  description: "An overview of a folder: what it is for, how it is laid out, where to start reading.",
  input: z.strictObject({ path: z.string().describe("The folder; completion knows the allowed ones.") }),
  // Values of the template stand behind the third slash of a URI; here they are paths.
  complete: {
    path: (typed, { sandbox }) =>
      completePath(sandbox, typed.replace(/^\//, "")).map((value) => (WINDOWS ? value : `/${value}`)),
  },
  messages({ path }, { sandbox }) {
    // Parsed here so that a wrong path fails now, with its reason, and not after the model has set out.
    const { shown } = sandbox.parse(path);
    return [
      {
        role: "user",
        content: {
          type: "text",
          text: [
            `Explain the folder ${shown} to somebody who has never seen it.`,
            "List it with depth 2, read its README or what stands for one, and search instead of reading every file.",
            "Say what it is for, how it is laid out, and which three files to read first. Change nothing.",
          ].join(" "),
        },
      },
    ];
  },
});
