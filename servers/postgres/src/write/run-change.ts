import { ToolError, untrusted } from "@mooring/core";
import type { Database } from "../database.ts";
import { mapError } from "../errors.ts";
import { failureOf, isAnswer } from "../migrate/failure.ts";
import { rowsOf } from "../migrate/preview.ts";
import type { RowSet, Value } from "../row-set.ts";
import type { Change } from "./change.ts";
import { countsOf, type Effects, effectsOf, totalOf } from "./effects.ts";

export interface Ended {
  readonly committed: boolean;
  /** Rows affected: the statement's own, or all of all tables where it changes rows at several places. */
  readonly affected: number;
  readonly returned: RowSet;
  readonly effects: Effects;
}

export interface HowToEnd {
  readonly params: readonly Value[];
  /** Commits when the affected rows are so many; `undefined`: rolls back. */
  readonly commitIf: number | undefined;
  /** Bytes of returned values that are kept. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

/**
 * Runs a change in a transaction and ends it. Deferred constraints are checked in a dry run too.
 * @throws ToolError `conflict` where other rows than expected were affected (rolled back), `outcome_unknown` where the
 * connection broke around COMMIT; what PostgreSQL answers
 */
export async function runChange(database: Database, change: Change, how: HowToEnd): Promise<Ended> {
  const { params, commitIf, maxBytes, signal } = how;
  try {
    return await database.writing(
      async (session) => {
        const before = await countsOf(session);
        const returned = await session.query(change.proof.sql, params, { maxBytes });
        await session.query("SET CONSTRAINTS ALL IMMEDIATE");
        const effects = await effectsOf(session, before);
        const affected = change.several ? totalOf(effects) : (rowsOf(returned.command) ?? 0);
        if (commitIf !== undefined && affected !== commitIf)
          throw new ToolError(
            "conflict",
            `The statement affects ${affected} ${affected === 1 ? "row" : "rows"} and not ${commitIf}, so it was rolled back.`,
            { hint: "Look why with `query` and a dry run, then correct the statement or expect_rows." },
          );
        return {
          commit: commitIf !== undefined,
          value: { committed: commitIf !== undefined, affected, returned, effects },
        };
      },
      { signal },
    );
  } catch (error) {
    if (database.policy.mask.length === 0 || !isAnswer(error)) throw error;
    // PostgreSQL quotes rows where a value or a constraint is wrong, masked columns included.
    const { state, words } = failureOf(error, database.policy);
    throw new ToolError(
      mapError(error)?.kind ?? "conflict",
      `PostgreSQL refuses the change with SQLSTATE ${state}: ${untrusted(words.join("\n"))}`,
      { hint: "Correct the statement or its params.", cause: error },
    );
  }
}
