import { ToolError, untrusted } from "@mooring/core";
import type { CatalogRow, Database, Session } from "../database.ts";
import { mapError } from "../errors.ts";
import { failureOf, isAnswer } from "./failure.ts";
import { activity } from "./holders.ts";
import type { Outside } from "./outside.ts";
import { previewOutside } from "./outside-preview.ts";
import { advancing, type Following, followingOf, type Look } from "./progress.ts";
import type { Step } from "./step.ts";

export interface OutsideLimits {
  /** Milliseconds; Infinity where nobody limits it. */
  readonly statement: number;
}

/** What became of it: milliseconds, notices. */
export interface OutsideDone {
  readonly ms: number;
  readonly notices: readonly string[];
  readonly did: string;
}

/** How often progress is asked for, in milliseconds. */
const EVERY = 1_000;

const functions = { cancel: "pg_cancel_backend", terminate: "pg_terminate_backend" } as const;

/**
 * Runs one statement outside transactions. Nothing takes it back.
 * @throws ToolError `conflict` where what it is about has changed since the preview; what PostgreSQL says, with what stays behind
 */
export async function applyOutside(
  database: Database,
  step: Step,
  outside: Outside,
  fingerprint: string,
  limits: OutsideLimits,
  call: { readonly signal: AbortSignal; readonly progress: (done: number, total?: number, message?: string) => void },
): Promise<OutsideDone> {
  const now = await previewOutside(database, outside, call.signal);
  if (now.fingerprint !== fingerprint || now.wouldFail !== undefined)
    throw new ToolError("conflict", "What the statement is about has changed since its preview. Nothing was done.", {
      hint: "Preview it again.",
    });
  const timeoutMs = Number.isFinite(limits.statement) ? Math.max(1, Math.ceil(limits.statement)) : 0;
  return database.alone((session) => run(database, session, step, outside, call), { signal: call.signal, timeoutMs });
}

async function run(
  database: Database,
  session: Session,
  step: Step,
  outside: Outside,
  call: { readonly signal: AbortSignal; readonly progress: (done: number, total?: number, message?: string) => void },
): Promise<OutsideDone> {
  const began = performance.now();
  if (outside.kind === "signal")
    return { did: await send(session, outside), ms: performance.now() - began, notices: [] };
  const stop = follow(database, session.pid, followingOf(outside), call);
  try {
    const { notices } = await session.query(step.sql);
    return { ms: performance.now() - began, notices, did: "Done." };
  } catch (error) {
    if (!isAnswer(error)) throw error;
    const { state, words } = failureOf(error, database.policy);
    const left = await leftBehind(session).catch(() => []);
    const mapped = mapError(error);
    throw new ToolError(
      mapped?.kind ?? "conflict",
      `The statement failed with SQLSTATE ${state}.${left.length > 0 ? " Invalid indexes are there now." : ""} ${untrusted([...words, ...left].join("\n"))}`,
      {
        hint:
          left.length > 0
            ? "Remove those of this statement by DROP INDEX CONCURRENTLY, then try again."
            : state === "57014"
              ? "Ask the person to raise --statement-timeout and --timeout."
              : "Correct it, and preview it again.",
        retryable: false,
        cause: error,
      },
    );
  } finally {
    stop();
  }
}

/** How long a session may take to go before that is said, in milliseconds, and how often it is looked for. */
const PATIENCE = 2_000;
const LOOK = 50;

/** Fixed SQL of ours, so that no function of that name in the search path is called. */
async function send(session: Session, { action, pid }: Extract<Outside, { kind: "signal" }>): Promise<string> {
  const call = `SELECT pg_catalog.${functions[action]}($1::int)::text AS sent`;
  const [row] = await session.rows<CatalogRow>(call, [String(pid)]);
  if (row?.["sent"] !== "true")
    throw new ToolError("conflict", "The session ended before it could be reached.", {
      hint: "Nothing has to be done.",
    });
  if (action === "cancel") return "Told the session to cancel its statement.";
  const until = Date.now() + PATIENCE;
  while ((await session.rows<CatalogRow>(activity, [String(pid)])).length > 0) {
    if (Date.now() > until) return "Told the session to end; it has not yet.";
    await new Promise((resolve) => setTimeout(resolve, LOOK));
  }
  return "Ended the session.";
}

/** Invalid indexes that nobody builds now. */
async function leftBehind(session: Session): Promise<string[]> {
  const rows = await session.rows<CatalogRow>(`
    SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) AS name
      FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE NOT i.indisvalid AND n.nspname <> 'pg_toast'
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_progress_create_index p WHERE p.index_relid = i.indexrelid)
     LIMIT 20`);
  return rows.map(({ name }) => `invalid index ${name}`);
}

/** Tells the client how far the server is, by another connection. The function that it returns ends it. */
function follow(
  database: Database,
  pid: number,
  following: Following | undefined,
  {
    signal: outer,
    progress,
  }: { readonly signal: AbortSignal; readonly progress: (done: number, total?: number, message?: string) => void },
): () => void {
  // The embedded database has one session, which is busy.
  if (following === undefined || database.kind === "demo") return () => {};
  const own = new AbortController();
  const advance = advancing(following);
  let asking = false;
  const ask = async () => {
    const signal = AbortSignal.any([outer, own.signal]);
    const [row] = await database.catalog<Look>(following.sql, [String(pid)], signal);
    if (!row) return;
    const { done, total, message } = advance(row);
    progress(done, total, message);
  };
  const timer = setInterval(() => {
    if (asking) return;
    asking = true;
    ask()
      .catch(() => {})
      .finally(() => (asking = false));
  }, EVERY);
  timer.unref();
  return () => {
    clearInterval(timer);
    own.abort();
  };
}
