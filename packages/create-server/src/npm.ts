import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { Problem } from "./problem.ts";

/** @throws Problem where npm is not on the PATH: a new project could not be installed */
export function refuseWithoutNpm({ PATH = "" }: Readonly<Record<string, string | undefined>> = process.env): void {
  const names = process.platform === "win32" ? ["npm.cmd", "npm.exe"] : ["npm"];
  const folders = PATH.split(delimiter).filter((folder) => folder !== "");
  if (!folders.some((folder) => names.some((name) => existsSync(join(folder, name)))))
    throw new Problem(
      "npm is not on the PATH, and a new project needs it. Install it with Node.js: https://nodejs.org.",
    );
}
