import type { Kind } from "./kinds.ts";

/** One object of the catalog, as a list has it. Names are quoted as PostgreSQL quotes them, unless said. */
export interface CatalogObject {
  /** `r16384`: catalog and oid. */
  readonly id: string;
  readonly kind: Kind;
  /** As they are, unquoted. */
  readonly schema: string;
  readonly name: string;
  readonly shownSchema: string;
  readonly shownName: string;
  readonly comment: string | null;
  readonly columns: readonly ListedColumn[];
  readonly links: readonly Link[];
  /** Rows by the statistics; `undefined` where nothing is known. */
  readonly rows: number | undefined;
  /** Bytes with indexes, by the statistics; `undefined` where nothing is known. */
  readonly bytes: number | undefined;
  readonly partitions: number;
  readonly partitionKey: string | null;
  /** The role may read no column of it. */
  readonly closed: boolean;
  readonly other: Other;
  /** Where the next page begins. */
  readonly position: Position;
}

export interface ListedColumn {
  readonly name: string;
  /** As it is, unquoted. */
  readonly raw: string;
  /** Without its length. */
  readonly type: string;
  readonly required: boolean;
  readonly key: boolean;
  readonly masked: boolean;
}

/** A foreign key: places in {@link CatalogObject.columns}, and where they lead. */
export interface Link {
  readonly columns: readonly number[];
  /** `null`: the same schema. */
  readonly schema: string | null;
  readonly table: string;
  /** Empty: its primary key. */
  readonly targets: readonly string[];
}

/** What a type, a function, a sequence or an extension has to say; the rest is `null` or not there. */
export interface Other {
  readonly labels?: readonly string[] | null;
  readonly attributes?: readonly (readonly [name: string, type: string])[] | null;
  readonly base?: string | null;
  readonly nullable?: boolean | null;
  readonly default?: string | null;
  readonly checks?: readonly string[] | null;
  readonly range?: string | null;
  readonly arguments?: string;
  readonly result?: string | null;
  readonly form?: string;
  readonly volatility?: string;
  readonly strict?: boolean;
  readonly definer?: boolean;
  readonly parallel?: string;
  readonly language?: string;
  readonly settings?: readonly string[] | null;
  readonly version?: string;
  readonly type?: string;
  readonly start?: string;
  readonly step?: string;
  readonly least?: string;
  readonly most?: string;
  readonly cycle?: boolean;
  readonly owner?: string | null;
}

/** Schema, group of kinds, name and oid of the last object of a page. */
export type Position = readonly [schema: string, part: string, name: string, oid: string];
