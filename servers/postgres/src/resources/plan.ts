import { ToolError } from "@mooring/core";
import { picturesOf, pictureUri } from "../plan/pictures.ts";
import { resource } from "../tool.ts";

/** Pictures that `explain` links to: the last plans of this process. */
export const plan = resource({
  name: "plan",
  title: "Picture of a plan",
  description: "A plan that `explain` made, as SVG. The last 50 are kept while the server runs.",
  uri: "pg://{database}/plan/{id}.svg",
  mimeType: "image/svg+xml",
  read(_uri, { database = "", id = "" }, { databases }) {
    const text = picturesOf(databases).get(database, id);
    if (text === undefined)
      throw new ToolError("not_found", "There is no such picture any more.", { hint: "Call `explain` again." });
    return [{ uri: pictureUri(database, id), mimeType: "image/svg+xml", text }];
  },
});
