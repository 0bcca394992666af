/** What may be read of one database, as the operator configured it. Enforced on what names resolve to, never on text. */
export interface Policy {
  /** Only these schemas; every one that the role may use when left out. System catalogs are not counted. */
  readonly schemas?: readonly string[] | undefined;
  /** Never these schemas. */
  readonly denySchemas: readonly string[];
  /** `schema.table.column`: shown as `***`, and of no use in conditions or expressions. */
  readonly mask: readonly string[];
  /** `schema.function`: functions of the database that the operator vouches for. */
  readonly allowFunctions: readonly string[];
}

export const openPolicy: Policy = { denySchemas: [], mask: [], allowFunctions: [] };
