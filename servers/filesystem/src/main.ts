import { type CheckLine, ConfigError, ToolError } from "@mooring/core";
import { runServer } from "@mooring/core/stdio";
import { createJournal, type Journal } from "./journal/journal.ts";
import { options } from "./options.ts";
import { createSandbox, type SandboxOptions } from "./sandbox/create.ts";
import type { Sandbox } from "./sandbox/sandbox.ts";
import { createSearch } from "./search/engine.ts";
import { filesystem } from "./server.ts";
import { refuseSharedState } from "./state-place.ts";
import { createWatcher } from "./watch/watcher.ts";

const DAY_MS = 86_400_000;

await runServer(filesystem, {
  options,

  connect(config, { log, stateDir }) {
    const { access, allow, encoding, hardlinks, maxWatches } = config;
    refuseSharedState(stateDir, config.directories);
    const sandbox = open(config);
    for (const { path, reason } of sandbox.unusable) log.warn(`${path} is not shared: ${reason}.`);
    if (sandbox.roots.length === 0)
      log.warn("No usable directory was named: put the directories to share at the end of the command line.");
    if (sandbox.mode === "checked")
      log.warn("Files cannot be pinned by descriptors here; a hostile local program could win a race.");
    const journal = createJournal({
      stateDir,
      sandbox,
      enabled: config.journal === "on",
      quotaBytes: config.journalMb * 1_000_000,
      maxAgeMs: config.journalDays * DAY_MS,
      log,
    });
    const problem = access === "read" ? undefined : journal.problem();
    if (problem !== undefined)
      log.warn(
        `Changes cannot be undone, and overwriting and deleting are refused: ${problem}. Name another folder with --state-dir.`,
      );
    const search = createSearch({ sandbox, log: (message) => log.warn(message), options: { allow, hardlinks } });
    const watcher = createWatcher({ sandbox, maxWatches, log });
    return { sandbox, journal, search, watcher, encoding, access };
  },

  check: ({ sandbox, journal, access }) => [
    ...sandbox.roots.map(({ path }) => ({ name: "directory", ok: true, detail: path })),
    ...sandbox.unusable.map(({ path, reason }) => ({
      name: "directory",
      ok: false,
      detail: `${path}: ${reason}`,
      fix: "Correct it on the command line, or make it readable.",
    })),
    ...(sandbox.roots.length + sandbox.unusable.length > 0
      ? []
      : [{ name: "directory", ok: false, detail: "none was named", fix: "Put the directories to share at the end." }]),
    { name: "sandbox", ok: true, detail: sandbox.mode },
    ...(access === "read" ? [] : [undoLine(journal)]),
  ],

  async close({ search, sandbox, journal }) {
    journal.close();
    await search.close();
    sandbox.close();
  },
});

function undoLine(journal: Journal): CheckLine {
  const problem = journal.problem();
  if (problem !== undefined)
    return {
      name: "undo",
      ok: false,
      detail: problem,
      fix: "Name another folder with --state-dir, or pass --journal off.",
    };
  return { name: "undo", ok: true, detail: journal.enabled ? "changes are kept" : "off (--journal off)" };
}

// What only a restart with other options can mend is said before anything is served.
function open(config: SandboxOptions): Sandbox {
  try {
    return createSandbox(config);
  } catch (error) {
    if (error instanceof ToolError) throw new ConfigError([`${error.message} ${error.hint ?? ""}`.trim()]);
    throw error;
  }
}
