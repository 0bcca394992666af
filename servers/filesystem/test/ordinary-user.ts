import { chmodSync, chownSync, readdirSync } from "node:fs";
import { join } from "node:path";

const NOBODY = 65_534;

/**
 * Runs `work` as a user who may not read and change everything: a test run by root is one as well, and gives `folder` to
 * that user first. What `work` loads must be loaded already: the checkout may lie where only root may enter.
 */
export async function asOrdinaryUser<T>(folder: string, work: () => Promise<T> | T): Promise<T> {
  const { getuid, setegid, seteuid } = process;
  if (getuid?.() !== 0 || !setegid || !seteuid) return work();
  give(folder);
  chmodSync(folder, 0o755);
  setegid(NOBODY);
  seteuid(NOBODY);
  try {
    return await work();
  } finally {
    seteuid(0);
    setegid(0);
  }
}

function give(folder: string): void {
  chownSync(folder, NOBODY, NOBODY);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) give(path);
    else if (entry.isFile()) chownSync(path, NOBODY, NOBODY);
  }
}
