const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/**
 * Nodes of the parse tree that a statement which only reads may hold (PostgreSQL's `src/include/nodes/parsenodes.h` and
 * `primnodes.h`). A node that is missing here refuses the statement, so new syntax fails closed.
 */
export const readNodes = words(`
  SelectStmt ResTarget ColumnRef A_Star A_Const A_Expr BoolExpr BooleanTest NullTest RangeVar JoinExpr WithClause
  CommonTableExpr SubLink MinMaxExpr RowExpr SortBy String Integer Float Boolean BitString ParamRef SQLValueFunction
  FuncCall TypeCast TypeName CaseExpr CaseWhen RangeSubselect CoalesceExpr NamedArgExpr RangeFunction A_ArrayExpr
  WindowDef XmlExpr XmlSerialize RangeTableFunc RangeTableFuncCol A_Indirection A_Indices GroupingSet GroupingFunc
  RangeTableSample CollateClause List CTESearchClause CTECycleClause DefElem Alias ColumnDef
  JsonFuncExpr JsonObjectConstructor JsonArrayConstructor JsonArrayQueryConstructor JsonObjectAgg JsonArrayAgg
  JsonAggConstructor JsonIsPredicate JsonKeyValue JsonValueExpr JsonParseExpr JsonScalarExpr JsonSerializeExpr
  JsonReturning JsonFormat JsonOutput JsonArgument JsonBehavior JsonTable JsonTablePathSpec JsonTableColumn`);

/** What INSERT, UPDATE, DELETE and MERGE hold besides. */
export const writeNodes = words(`
  InsertStmt UpdateStmt DeleteStmt MergeStmt OnConflictClause InferClause IndexElem MultiAssignRef SetToDefault
  MergeWhenClause ReturningClause ReturningOption CurrentOfExpr`);

/** Options of EXPLAIN that a text may carry (sql-explain of the manual). */
export const explainOptions = words(
  "analyze verbose costs settings generic_plan buffers serialize wal timing summary memory format",
);

export const samplingMethods = words("bernoulli system system_rows system_time");
