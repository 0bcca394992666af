import * as z from "zod";
import { overview, overviewText } from "../listing/overview.ts";
import { listingText } from "../listing/text.ts";
import { listTree } from "../listing/tree.ts";
import { tool } from "../tool.ts";

export const list = tool({
  name: "list",
  title: "List a directory",
  description:
    "Entries of a directory with size, kind and name; with `depth` the tree. Without `path`: the allowed directories and limits.",
  access: "read",
  openWorld: false,
  maxBytes: 1_000_000,
  input: z.strictObject({
    path: z.string().optional(),
    depth: z.int().min(1).max(20).default(1),
    sort: z.enum(["name", "size", "mtime"]).default("name"),
    all: z.boolean().default(false).describe("Also what .gitignore hides."),
    limit: z.int().min(1).max(5_000).default(500),
    cursor: z.string().optional(),
  }),

  async run({ path, ...request }, call) {
    const { sandbox, access, journal } = call;
    if (path === undefined) return { overview: overview(sandbox, access, journal.enabled) };
    return { listing: await listTree(sandbox, sandbox.parse(path), request, call) };
  },

  render: ({ overview: shared, listing }, { sort }) =>
    shared ? overviewText(shared) : listing ? listingText(listing, sort) : "",
});
