import type { Answers } from "../answers/answers.ts";

/** What a server of the workspace takes from its root instead of having it itself. */
export function workspaceFiles({ names }: Pick<Answers, "names">): Readonly<Record<string, string>> {
  const vitest = (suite: string) =>
    `import { shared } from "../../vitest.shared.ts";\n\nexport default shared("${names.server}"${suite});\n`;
  return {
    "tsconfig.json": '{ "extends": "../../tsconfig.base.json", "include": ["src", "test", "*.config.ts"] }\n',
    "vitest.config.ts": vitest(""),
    "vitest.services.config.ts": vitest(', "services"'),
  };
}
