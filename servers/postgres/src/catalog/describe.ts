import type { Database } from "../database.ts";
import { describeQuery } from "./describe-sql.ts";
import { type ListRequest, objectOf, type ObjectPage, pageOf, pageParameters } from "./list.ts";
import type { CatalogObject } from "./object.ts";

/** An object with everything that the catalog says of it. */
export interface Described extends CatalogObject {
  readonly details: Details;
}

/** What is `null` is not there. Names are quoted, definitions are PostgreSQL's own. */
export interface Details {
  readonly persistence?: string;
  readonly options?: readonly string[] | null;
  readonly security?: boolean;
  readonly forced?: boolean;
  /** Of a partition: what belongs into it. */
  readonly bound?: string | null;
  readonly columns?: readonly DescribedColumn[] | null;
  readonly constraints?: readonly { readonly name: string; readonly definition: string }[] | null;
  /** Foreign keys of others that lead here. */
  readonly references?: readonly { readonly table: string; readonly definition: string }[] | null;
  /** Those that belong to no constraint. */
  readonly indexes?: readonly { readonly definition: string; readonly valid: boolean }[] | null;
  readonly statistics?: readonly string[] | null;
  readonly triggers?:
    | readonly { readonly name: string; readonly enabled: string; readonly definition: string | null }[]
    | null;
  readonly policies?: readonly RowPolicy[] | null;
  readonly rules?: readonly string[] | null;
  readonly parents?: readonly string[] | null;
  readonly children?: {
    readonly count: number;
    readonly first: readonly { readonly name: string; readonly bound: string | null }[] | null;
  };
  /** Of a view or a function; `null` where it reads what is kept back. */
  readonly definition?: string | null;
  readonly populated?: boolean;
  readonly server?: string | null;
  readonly remote?: readonly string[] | null;
  /** Bytes on disk, with indexes. */
  readonly disk?: number | null;
  readonly analyzed?: string | null;
}

export interface DescribedColumn {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  /** `a` always, `d` by default */
  readonly identity: string;
  /** `s` stored, `v` virtual (since 18) */
  readonly generated: string;
  readonly default: string | null;
  readonly collation: string | null;
  readonly comment: string | null;
  readonly masked: boolean;
  /** The role may not read it. */
  readonly closed: boolean;
  readonly inherited: boolean;
  readonly stats: ColumnStats | null;
}

/** https://www.postgresql.org/docs/current/view-pg-stats.html */
export interface ColumnStats {
  readonly nulls: number;
  /** Negative: a share of the rows. */
  readonly distinct: number;
  readonly values: readonly (string | null)[] | null;
  readonly shares: readonly number[] | null;
}

export interface RowPolicy {
  readonly name: string;
  readonly permissive: boolean;
  /** `*`, `r`, `a`, `w`, `d` */
  readonly command: string;
  readonly using: string | null;
  readonly check: string | null;
  readonly roles: readonly string[] | null;
}

/** Objects with everything about them, in one round trip. `values`: common values of columns that are not masked. */
export async function describeObjects(
  database: Database,
  request: ListRequest,
  { full = false, values = false }: { readonly full?: boolean; readonly values?: boolean },
  signal: AbortSignal,
): Promise<ObjectPage & { readonly objects: readonly Described[] }> {
  const rows = await database.catalog(
    describeQuery,
    [...pageParameters(database.policy, request), String(full), String(full), String(full && values)],
    signal,
  );
  return pageOf(rows, (row, { masked }) => ({
    ...objectOf(row, masked),
    details: JSON.parse(row["details"] ?? "{}") as Details,
  }));
}
