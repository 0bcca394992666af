// A server process of its own, for tests of several on one state folder: `worker.ts ROOT STATE edits NAME COUNT | killed`.
import { join } from "node:path";
import { createJournal } from "../../src/journal/journal.ts";
import { createSandbox } from "../../src/sandbox/create.ts";

const [root = "", stateDir = "", task, name = "", count = "0"] = process.argv.slice(2);
const sandbox = createSandbox({ directories: [root] });
const journal = createJournal({ stateDir, sandbox, quotaBytes: 1_000_000 });
const put = (path: string, content: string) =>
  ({ do: "put", place: sandbox.parse(path), content: Buffer.from(content), expect: "any" }) as const;

if (task === "edits") {
  for (let round = 0; round <= Number(count); round++)
    await journal.change("edit", [put(name, `${name} ${round}`)], { mustKeep: true });
} else {
  let writes = 0;
  const dying = {
    ...sandbox,
    writeFile(...args: Parameters<typeof sandbox.writeFile>) {
      if (++writes > 10) process.kill(process.pid, "SIGKILL");
      return sandbox.writeFile(...args);
    },
  };
  const files = Array.from({ length: 20 }, (_, index) => put(join(root, `f${index}`), "new"));
  await createJournal({ stateDir, sandbox: dying }).change("edit", files, { mustKeep: true });
}
