import type { Inspection, Name } from "../guard/proof.ts";
import type { Database } from "../database.ts";
import { short } from "../one-line.ts";
import type { Value } from "../row-set.ts";

/** Characters of a statement of others that are shown. */
const SHOWN = 200;

/** Statements whose literals `normalize` replaces all; others (ALTER ROLE, COPY, CREATE) keep some. */
const plain: readonly Inspection["kind"][] = ["select", "insert", "update", "delete", "merge"];

/**
 * Says what a statement of others is without what it holds: literals become `$n`, comments go. What the parser does not take, as
 * pg_stat_activity cuts long texts, is its first word. What names anything that the policy hides is not shown.
 */
export async function statementText(
  database: Database,
  sql: Value,
  {
    hides,
    signal,
    length = SHOWN,
  }: { hides(name: Name): boolean; readonly signal: AbortSignal; readonly length?: number },
): Promise<string> {
  if (sql === null || sql === "") return "(nothing)";
  if (sql === "<insufficient privilege>") return "(hidden from this login)";
  let inspection: Inspection;
  let text: string;
  try {
    inspection = await database.inspect(sql, signal);
    if (!plain.includes(inspection.kind)) return firstWord(sql);
    text = await database.normalize(sql);
  } catch {
    signal.throwIfAborted();
    return firstWord(sql);
  }
  const { relations, functions } = inspection;
  if ([...relations, ...functions].some(hides)) return `${firstWord(sql)} … (names what the policy hides)`;
  return short(withoutComments(text), length + 1);
}

/** Only a word of SQL: nothing that a client could have put there. */
function firstWord(sql: string): string {
  const word = /^\s*([A-Za-z]{2,12})\b/.exec(sql)?.[1]?.toUpperCase() ?? "";
  return words.has(word) ? `${word} …` : "(a statement)";
}

const words = new Set(
  `SELECT INSERT UPDATE DELETE MERGE WITH VALUES TABLE SHOW EXPLAIN SET RESET BEGIN START COMMIT END ROLLBACK ABORT SAVEPOINT RELEASE
   PREPARE EXECUTE DEALLOCATE DECLARE FETCH MOVE CLOSE COPY CALL DO LOCK LISTEN UNLISTEN NOTIFY DISCARD CREATE ALTER DROP TRUNCATE
   COMMENT GRANT REVOKE REASSIGN SECURITY REINDEX CLUSTER VACUUM ANALYZE CHECKPOINT REFRESH IMPORT LOAD`.split(/\s+/),
);

// For display alone, after every literal is gone: comments of others may hold what their literals did.
function withoutComments(text: string): string {
  let rest = text.replace(/--[^\n\r]*/g, " ");
  const innermost = /\/\*(?:(?!\/\*|\*\/)[\s\S])*\*\//g;
  for (let shorter = rest.replace(innermost, " "); shorter !== rest; shorter = rest.replace(innermost, " "))
    rest = shorter;
  const open = rest.indexOf("/*");
  return open < 0 ? rest : rest.slice(0, open);
}
