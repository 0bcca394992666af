import type { Tree } from "./guard/walk.ts";
import type { Inspection, Proof, ProveOptions, StatementPart } from "./guard/proof.ts";
import type { Policy } from "./policy.ts";
import type { RowSet, Value } from "./row-set.ts";

/** What a server says of itself and of who is logged in; asked once for each database. */
export interface ServerFacts {
  /** 150018 for 15.18. */
  readonly versionNumber: number;
  /** `15.18 (Debian 15.18-1)` */
  readonly version: string;
  readonly user: string;
  readonly database: string;
  /** Memberships that go beyond reading data: `superuser`, `pg_write_server_files`, … */
  readonly privileges: readonly string[];
  /** A standby: nothing can be written here. */
  readonly recovering: boolean;
  /** Extensions installed in this database: name to version. */
  readonly extensions: ReadonlyMap<string, string>;
}

export interface ReadOptions {
  /** Values of `$1` and on; PostgreSQL casts them. */
  readonly params?: readonly Value[];
  /** Rows kept. */
  readonly maxRows: number;
  /** Rows passed over first. Default: 0. */
  readonly skip?: number;
  /** Bytes of values kept. Default: 1,000,000. */
  readonly maxBytes?: number;
  readonly signal: AbortSignal;
}

/** Rows by column name, values as text. */
export type CatalogRow = Readonly<Record<string, Value>>;

/** One connection and one transaction, for work that takes several statements. */
export interface Session {
  /** Process id of the backend. */
  readonly pid: number;
  /** One statement by the extended protocol. Throws what PostgreSQL answers (`DatabaseError` of pg). */
  query(text: string, values?: readonly Value[], options?: { maxRows?: number; maxBytes?: number }): Promise<RowSet>;
  /** The same with rows by name. */
  rows<Row extends CatalogRow>(text: string, values?: readonly Value[]): Promise<Row[]>;
}

export interface SessionOptions {
  readonly signal: AbortSignal;
  /** Statement timeout in milliseconds, instead of the operator's. Never above it. */
  readonly timeoutMs?: number;
  /** Run before the connection goes back: undo what a ROLLBACK does not. Failing closes the connection. */
  cleanup?(session: Session): Promise<void>;
}

/** One database: everything that runs there runs through here. */
export interface Database {
  /** As the `database` argument has it. */
  readonly name: string;
  readonly policy: Policy;
  /** Said in answers: `embedded demo database`; `undefined` for a server. */
  readonly kind: "server" | "demo";
  facts(signal: AbortSignal): Promise<ServerFacts>;
  /** Parses and never runs. Throws `invalid_input` for what is no SQL. */
  inspect(sql: string, signal: AbortSignal): Promise<Inspection>;
  /** Several statements, cut at the parser's own places. Throws `invalid_input` for what is no SQL. */
  statements(sql: string): Promise<readonly StatementPart[]>;
  /** The parse trees, as libpg-query gives them. */
  trees(sql: string): Promise<readonly Tree[]>;
  /** The text with `$n` for literals: what may be shown of other people's statements. */
  normalize(sql: string): Promise<string>;
  /**
   * Proves that one statement can only read, and only what the policy allows. Throws `denied` naming the construct and what
   * to do instead, `invalid_input` for what is no SQL. With `kinds`, statements that change rows pass as well, under the same
   * rules for names.
   */
  prove(sql: string, signal: AbortSignal, options?: ProveOptions): Promise<Proof>;
  /** Runs what was proved, in `BEGIN READ ONLY … ROLLBACK`, in one flush. */
  read(statement: Proof, options: ReadOptions): Promise<RowSet>;
  /** Our own fixed SQL over the catalog, in the same kind of transaction. `values` as text; arrays as `{a,b}` literals by `arrayLiteral`. */
  catalog<Row extends CatalogRow>(text: string, values: readonly Value[], signal: AbortSignal): Promise<Row[]>;
  /** A READ ONLY transaction over several statements; always rolled back. */
  reading<T>(work: (session: Session) => Promise<T>, options: SessionOptions): Promise<T>;
  /** A READ WRITE transaction; committed when `work` answers `{ commit: true, value }`, else rolled back. */
  writing<T>(
    work: (session: Session) => Promise<{ readonly commit: boolean; readonly value: T }>,
    options: SessionOptions,
  ): Promise<T>;
  /** A connection without a transaction, for what refuses to run in one (VACUUM, CREATE INDEX CONCURRENTLY). */
  alone<T>(work: (session: Session) => Promise<T>, options: SessionOptions): Promise<T>;
  /** A proved SELECT as CSV (COPY format, with a header), chunk by chunk, in READ ONLY … ROLLBACK. */
  copyOut(
    statement: Proof,
    options: { readonly signal: AbortSignal; readonly onChunk: (chunk: Uint8Array) => void | Promise<void> },
  ): Promise<{ readonly rows: number }>;
  close(): Promise<void>;
}

/** The databases of the configuration. */
export interface Databases {
  readonly names: readonly string[];
  /** The one of the `database` argument; the only one where it is left out. Throws how to configure one where there is none. */
  get(name?: string): Database;
  close(): Promise<void>;
}

/** An array for a `text[]` or `oid[]` parameter. */
export function arrayLiteral(values: readonly string[]): string {
  return `{${values.map((value) => `"${value.replace(/["\\]/g, "\\$&")}"`).join(",")}}`;
}
