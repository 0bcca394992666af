import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Writes snippets of documentation into a folder and compiles them as strictly as the repository, against core as its sources
 * are, not as they were built last. The result is the compiler's: status 0 and no text when all is well.
 */
export function compile(
  folder: string,
  snippets: ReadonlyMap<string, string>,
): { status: number | null; stdout: string } {
  for (const [file, code] of snippets) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), code);
  }
  const entries = ["index", "stdio", "http", "docs", "bundle", "testing"];
  const paths = entries.map((entry) => [
    entry === "index" ? "@mooring/core" : `@mooring/core/${entry}`,
    [join(root, `src/${entry}.ts`)],
  ]);
  const config = {
    extends: join(root, "../../tsconfig.base.json"),
    include: ["**/*.ts"],
    // An import that an example does not use shows nothing.
    compilerOptions: { noUnusedLocals: true, paths: Object.fromEntries(paths) as object },
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  // By Node: what stands in node_modules/.bin is no program on Windows.
  const tsc = join(root, "../../node_modules/typescript/bin/tsc");
  const { status, stdout } = spawnSync(process.execPath, [tsc, "-p", folder], { encoding: "utf8" });
  return { status, stdout };
}
