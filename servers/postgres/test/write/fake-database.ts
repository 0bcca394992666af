import type { Database, Session } from "../../src/database.ts";
import type { Proof } from "../../src/guard/proof.ts";
import { createParser } from "../../src/guard/parser.ts";
import { openPolicy, type Policy } from "../../src/policy.ts";
import type { RowSet, Value } from "../../src/row-set.ts";

const parser = createParser();

export const nothing: RowSet = { columns: [], rows: [], bytes: 0, command: "", cut: undefined, notices: [] };

export interface Told {
  /** What was sent, in order. */
  readonly sent: { readonly text: string; readonly values: readonly Value[] | undefined }[];
  /** `commit`, `rollback`; empty before the end. */
  readonly ends: string[];
  /** What was asked of the guard. */
  readonly proved: unknown[];
}

/** A database that parses, believes every proof, and answers what `answer` says to each statement. */
export function fakeDatabase(
  answer: (text: string) => Partial<RowSet> | Error | undefined = () => undefined,
  policy: Partial<Policy> = {},
): Database & Told {
  const sent: Told["sent"] = [];
  const ends: string[] = [];
  const proved: unknown[] = [];
  const query: Session["query"] = async (text, values) => {
    sent.push({ text, values });
    const said = answer(text);
    if (said instanceof Error) throw said;
    return { ...nothing, ...said };
  };
  const session: Session = {
    pid: 1,
    query,
    async rows<Row>(text: string, values?: readonly Value[]) {
      const { columns, rows } = await query(text, values);
      return rows.map((row) => Object.fromEntries(columns.map(({ name }, i) => [name, row[i] ?? null]))) as Row[];
    },
  };
  return {
    sent,
    ends,
    proved,
    name: "shop",
    kind: "server",
    policy: { ...openPolicy, ...policy },
    async inspect(sql: string) {
      const [only] = await parser.ask("statements", sql);
      if (!only) throw new Error("no statement");
      return only.inspection;
    },
    trees: (sql: string) => parser.ask("tree", sql),
    async prove(sql: string, _signal: AbortSignal, options: unknown) {
      proved.push(options);
      return { sql } as Proof;
    },
    async writing<T>(work: (session: Session) => Promise<{ readonly commit: boolean; readonly value: T }>) {
      try {
        const { commit, value } = await work(session);
        ends.push(commit ? "commit" : "rollback");
        return value;
      } catch (error) {
        ends.push("rollback");
        throw error;
      }
    },
    catalog: async () => [],
  } as unknown as Database & Told;
}

const typeOf = { text: 25, int4: 23 } as const;

/** An answer with these columns. */
export function answerOf(names: readonly string[], rows: RowSet["rows"], type: keyof typeof typeOf = "text"): RowSet {
  const columns = names.map((name) => ({ name, type: typeOf[type], modifier: -1, table: 0, attribute: 0 }));
  return { ...nothing, columns, rows };
}
