import type { Connection, Submittable } from "pg";
import { bind, describe, execute, parse, sync } from "./messages.ts";
import type { Column, Cut, RowSet, Value } from "../row-set.ts";

/** One statement and what is kept of its answer. */
export interface Statement {
  readonly text: string;
  readonly values: readonly Value[];
  /** Rows kept; the executor is stopped after one more. 0: all. */
  readonly maxRows: number;
  /** Rows passed over first. */
  readonly skip: number;
  /** Bytes of values kept. */
  readonly maxBytes: number;
}

export interface FlushOptions {
  /** Statements of ours around it, sent in the same flush: `BEGIN READ ONLY`, `ROLLBACK`. */
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** They are prepared once for each connection; not where the session is not ours (PgBouncer). */
  readonly named: boolean;
}

/** What the driver says of a server's messages, as far as it is read here. */
interface Described {
  readonly fields: readonly {
    readonly name: string;
    readonly dataTypeID: number;
    readonly dataTypeModifier: number;
    readonly tableID: number;
    readonly columnID: number;
  }[];
}

const prepared = new WeakMap<object, Set<string>>();
const MAX_NOTICES = 20;
/** Characters of one: some hold a whole value or name. */
const MAX_NOTICE = 500;

/**
 * Everything of one statement in one flush of the extended protocol, so in one round trip: Parse refuses a second statement,
 * whatever any lexer thinks, and Execute stops the executor after so many rows without a word of SQL being written.
 * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-EXT-QUERY
 */
export class Flush implements Submittable {
  readonly done: Promise<RowSet>;
  readonly #statement: Statement;
  readonly #options: FlushOptions;
  readonly #rows: Value[][] = [];
  readonly #notices: string[] = [];
  #columns: readonly Column[] = [];
  #cut: Cut | undefined;
  #bytes = 0;
  #passed = 0;
  #command = "";
  /** Statements whose end was seen: those before ours come first. */
  #ended = 0;
  #error: unknown;
  #resolve!: (rows: RowSet) => void;
  #reject!: (error: unknown) => void;

  constructor(statement: Statement, options: FlushOptions) {
    this.#statement = statement;
    this.#options = options;
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  submit(connection: Connection): void {
    const { text, values, maxRows, skip } = this.#statement;
    const { before, after, named } = this.#options;
    const own = named ? namedText : unnamed;
    connection.stream.write(
      Buffer.concat([
        // All of them first: behind an error the server reads nothing more of the flush.
        ...(named ? unprepared(connection, [...before, ...after]) : []),
        ...before.map(own),
        parse(text),
        bind(values),
        describe,
        execute(maxRows > 0 ? skip + maxRows + 1 : 0),
        ...after.map(own),
        sync,
      ]),
    );
  }

  handleRowDescription({ fields }: Described): void {
    this.#columns = fields.map(({ name, dataTypeID, dataTypeModifier, tableID, columnID }) => ({
      name,
      type: dataTypeID,
      modifier: dataTypeModifier,
      table: tableID,
      attribute: columnID,
    }));
  }

  handleDataRow({ fields }: { readonly fields: Value[] }): void {
    // Statements around it may answer rows as well.
    if (this.#ended !== this.#options.before.length) return;
    const { skip, maxRows, maxBytes } = this.#statement;
    if (this.#passed < skip) {
      this.#passed += 1;
      return;
    }
    if (this.#cut) return;
    if (maxRows > 0 && this.#rows.length >= maxRows) {
      this.#cut = "rows";
      return;
    }
    let bytes = 0;
    for (const value of fields) bytes += value === null ? 1 : value.length;
    // The first row is kept whatever it is: its cells are cut when they are written.
    if (this.#bytes + bytes > maxBytes && this.#rows.length > 0) {
      this.#cut = "bytes";
      return;
    }
    this.#bytes += bytes;
    this.#rows.push(fields);
  }

  handlePortalSuspended(): void {
    this.#cut ??= "rows";
    this.#ended += 1;
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    if (this.#ended === this.#options.before.length) this.#command = text;
    this.#ended += 1;
  }

  handleEmptyQuery(): void {
    this.#ended += 1;
  }

  // A COPY that reaches the server without these would end the process.
  handleCopyInResponse(connection: Connection): void {
    connection.sendCopyFail("COPY is not supported here");
  }

  handleCopyData(): void {}

  notice(message: string): void {
    if (this.#notices.length >= MAX_NOTICES) return;
    this.#notices.push(message.length > MAX_NOTICE ? `${message.slice(0, MAX_NOTICE).toWellFormed()}…` : message);
  }

  handleError(error: unknown): void {
    this.#error ??= error;
    this.#reject(this.#error);
  }

  handleReadyForQuery(): void {
    if (this.#error !== undefined) return;
    this.#resolve({
      columns: this.#columns,
      rows: this.#rows,
      cut: this.#cut,
      bytes: this.#bytes,
      command: this.#command,
      notices: this.#notices,
    });
  }
}

function unprepared(connection: Connection, texts: readonly string[]): Buffer[] {
  const known = prepared.get(connection) ?? new Set();
  prepared.set(connection, known);
  const missing = texts.filter((text) => !known.has(text));
  for (const text of missing) known.add(text);
  return missing.map((text) => parse(text, statementName(text)));
}

const runs = new Map<string, Buffer>();

/** A statement of ours that is prepared already: the same bytes each time. */
function namedText(text: string): Buffer {
  let run = runs.get(text);
  if (!run) runs.set(text, (run = Buffer.concat([bind([], statementName(text)), execute()])));
  return run;
}

function unnamed(text: string): Buffer {
  return Buffer.concat([parse(text), bind(), execute()]);
}

function statementName(text: string): string {
  return `mooring ${text}`;
}
