import * as z from "zod";
import { posix } from "node:path";
import { type MigrationTool, MOST_ROWS } from "./tool.ts";

const journal = z.object({ entries: z.array(z.object({ tag: z.string(), when: z.number() })) });

/**
 * `meta/_journal.json` lists the files; the table keeps when each was generated (`created_at`) and its SHA-256. Drizzle applies what
 * is newer than the newest row, and nothing else. https://orm.drizzle.team/docs/migrations
 */
export const drizzle: MigrationTool = {
  name: "Drizzle",
  table: "__drizzle_migrations",
  columns: ["hash", "created_at"],
  sql: ({ name }) => `
    SELECT created_at::text AS at, hash, date_trunc('second', to_timestamp(created_at / 1000.0))::text AS made
    FROM ${name} ORDER BY created_at LIMIT ${MOST_ROWS}`,
  read(rows) {
    const last = rows.at(-1);
    return { applied: rows.length, last: last && `the one made at ${last["made"]}`, problems: [] };
  },
  async compare(rows, { heads, files, hash }) {
    const text = [...heads].find(([name]) => name.endsWith("meta/_journal.json"));
    const entries = text ? entriesOf(text[1]) : [];
    const applied = new Set(rows.map(({ at }) => Number(at)));
    const newest = Math.max(0, ...applied);
    const pending = entries.filter(({ when }) => !applied.has(when));
    const passed = pending.filter(({ when }) => when < newest);
    const folder = text ? posix.dirname(posix.dirname(text[0])) : "";
    const hashes = new Map(rows.map((row) => [Number(row["at"]), row["hash"]]));
    const changed: string[] = [];
    for (const { tag, when } of entries) {
      const now = hashes.has(when) ? await hash(posix.join(folder, `${tag}.sql`)) : undefined;
      if (now !== undefined && now !== hashes.get(when)) changed.push(tag);
    }
    const lost = entries.filter(({ tag }) => !files.includes(posix.join(folder, `${tag}.sql`)));
    return {
      found: entries.length,
      pending: pending.map(({ tag }) => tag),
      skipped:
        passed.length > 0
          ? { names: passed.map(({ tag }) => tag), why: "older than what is applied: Drizzle never applies them" }
          : undefined,
      missing: lost.map(({ tag }) => `${tag}.sql`),
      changed,
    };
  },
};

function entriesOf(text: string): { tag: string; when: number }[] {
  try {
    return journal.parse(JSON.parse(text)).entries.toSorted((a, b) => a.when - b.when);
  } catch {
    return [];
  }
}
