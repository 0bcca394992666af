import { ToolError } from "@mooring/core";
import { checkSearchPath } from "../connection/search-path.ts";
import { arrayLiteral, type CatalogRow } from "../database.ts";
import type { Policy } from "../policy.ts";
import type { Value } from "../row-set.ts";
import { type Attachment, attachments, searchPath } from "./attachments.ts";
import { believing, BELIEVED } from "./believing.ts";
import { judge, runsUnnamed } from "./code.ts";
import { refuseHazards } from "./hazards.ts";
import { createMasks, maskedColumns, type Masks, noMasks } from "./masks.ts";
import { maskUse } from "./mask-uses.ts";
import { isSystem, pick, refuseNames, refuseOtherCase } from "./names.ts";
import { samplingMethods } from "./nodes.ts";
import type { Parser } from "./parser.ts";
import { type Inspection, type Name, type Proof, proved, type ProveOptions, type StatementKind } from "./proof.ts";
import { callsWithoutColumns } from "./planned.ts";
import type { Proving } from "./proving.ts";
import { closed, hintFor, manyStatements, noFunction, refused, within, words } from "./refused.ts";
import { type Candidate, FIRST_OWN, resolution } from "./resolve.ts";
import { reach, type Reached } from "./reach.ts";
import { createSettingsGuard } from "./settings.ts";
import { deniedFunctions, deniedRelations, populating, revealingRelations, trustedExtensions } from "./vouched.ts";

export { refused } from "./refused.ts";

/** Runs SQL of ours in the database that is guarded. */
export type Ask = <Row extends CatalogRow>(
  text: string,
  values: readonly Value[],
  signal: AbortSignal,
) => Promise<Row[]>;

export interface Guard {
  /** Throws `invalid_input` for what is no SQL. */
  inspect(sql: string): Promise<Inspection>;
  /** Throws `denied` naming the construct and what to do instead, `not_found` for names that resolve to nothing. */
  prove(sql: string, signal: AbortSignal, options?: ProveOptions): Promise<Proof>;
  /** Whether this guard has made it. */
  made(proof: Proof): boolean;
}

const VIEW_DEPTH = 16;
/** Texts whose inspection is remembered, and how long they may be. */
const REMEMBERED = 256;
const REMEMBERED_LENGTH = 4_096;

const reading: readonly StatementKind[] = ["select", "show", "explain"];

/**
 * Proves statements: the server's own parser, an allow-list over its tree, then the catalog about every name. Denies what
 * nobody vouched for, so that new syntax and new functions fail closed.
 */
export function createGuard(parser: Parser, ask: Ask, policy: Policy): Guard {
  const inspections = new Map<string, Inspection>();
  const allowed = new Set(policy.allowFunctions);
  const closes = policy.schemas !== undefined || policy.denySchemas.length > 0;
  const masksOf = createMasks(ask, policy);
  const checkSettings = createSettingsGuard(ask);
  const relations = new Map<string, { readonly row: Reached; readonly until: number }[]>();

  async function inspect(sql: string): Promise<Inspection> {
    const known = inspections.get(sql);
    if (known) return known;
    const found = await parser.ask("inspect", sql);
    if ("statements" in found) throw manyStatements(found.statements);
    if (sql.length <= REMEMBERED_LENGTH) {
      if (inspections.size >= REMEMBERED) inspections.delete(inspections.keys().next().value as string);
      inspections.set(sql, found);
    }
    return found;
  }

  const resolved = believing(async (key, signal) =>
    ask<Candidate & CatalogRow>(resolution, (JSON.parse(key) as string[][]).map(arrayLiteral), signal),
  );

  function resolve(inspection: Inspection, signal: AbortSignal): Promise<readonly Candidate[]> {
    const { functions, spelled, operators, types, fields, calls, relations: read, samplers } = inspection;
    const last = (names: readonly Name[]) => names.map((name) => name.at(-1) ?? "");
    // A call of one argument may also be a cast: f('x') is 'x'::f where there is a type f (parse_func.c, FuncNameAsType).
    const lists = [
      [...last(functions), ...last(spelled), ...last(samplers.map((name) => name.split(".")))],
      last(operators),
      [...last(types), ...last(functions), ...last(spelled), ...calls],
      fields,
      last(read),
    ];
    if (lists.every(({ length }) => length === 0)) return Promise.resolve([]);
    return resolved(JSON.stringify(lists.map((list) => [...new Set(list)].sort())), signal);
  }

  /** What runs in this database without being named and is not vouched for; that the session is one that can be judged. */
  const surroundings = believing(
    async (_: "all", signal): Promise<Pick<Proving, "hazards" | "older"> & { utf8: boolean }> => {
      const [session] = await ask<{ path: string; encoding: string; version: string }>(searchPath, [], signal);
      checkSearchPath(session?.path ?? "");
      const rows = await ask<Attachment & CatalogRow>(attachments, [], signal);
      return {
        hazards: rows.filter((row) => !runsUnnamed(row, allowed)),
        utf8: session?.encoding === "UTF8",
        older: Number(session?.version) < 170_000,
      };
    },
  );

  async function reached(
    oids: readonly string[],
    { signal, hazards }: Proving,
    populates: boolean,
  ): Promise<readonly Reached[]> {
    const types = hazards.length > 0 || populates;
    const now = Date.now();
    const found: Reached[] = [];
    const missing = oids.filter((oid) => {
      const known = relations.get(`${oid} ${types}`);
      if (!known || !known.every(({ until }) => until > now)) return true;
      found.push(...known.map(({ row }) => row));
      return false;
    });
    // One by one, so that each is remembered with what it reaches; nearly always it is one.
    for (const oid of missing) {
      const rows = await ask<Reached & CatalogRow>(reach, [`{${oid}}`, String(types)], signal);
      if (relations.size > 1_000) relations.clear();
      relations.set(
        `${oid} ${types}`,
        rows.map((row) => ({ row, until: now + BELIEVED })),
      );
      found.push(...rows);
    }
    // Which of several refusals is told must not depend on numbers that the catalog gave.
    return found.sort((a, b) => (`${a.schema}.${a.name}` < `${b.schema}.${b.name}` ? -1 : 1));
  }

  async function vouch(inspection: Inspection, proving: Proving): Promise<readonly [Name, Candidate][]> {
    const { signal } = proving;
    const { functions, spelled, operators, types, fields, calls, samplers } = inspection;
    if (inspection.compares) proving.compared.yes = true;
    refuseNames(inspection);
    const rows = await resolve(inspection, signal);
    const candidates = (kind: string, name: Name) =>
      rows.filter(
        (row) =>
          row.kind === kind &&
          row.name === name.at(-1) &&
          (name.length > 1 ? row.schema === name.at(-2) : row.visible === "true"),
      );

    for (const name of [...functions, ...(proving.older ? spelled : [])]) {
      const overloads = candidates("f", name);
      const cast = candidates("t", name);
      if (overloads.length === 0 && cast.length === 0 && functions.includes(name)) throw noFunction(name);
      checkFunctions(name, overloads, proving);
      for (const row of cast) await checkType(row, proving);
    }
    for (const sampler of samplers) checkSampler(sampler, candidates("f", sampler.split(".")));
    for (const name of operators) for (const row of candidates("o", name)) checkOperator(row, proving);
    for (const name of types) {
      const found = candidates("t", name);
      if (found.length === 0)
        throw new ToolError("not_found", `There is no type ${name.join(".")}, or it is not in the search path.`, {
          hint: "Write its schema, or correct the name.",
        });
      for (const row of found) await checkType(row, proving);
    }
    const anyArgument = new Set(calls);
    for (const field of fields) {
      for (const row of candidates("c", [field]))
        if ((row.runs === "true" || anyArgument.has(field)) && !passes(row, proving, deniedFunctions.test(field)))
          throw refused(
            words`.${field}`,
            words`It may call the function ${row.schema}.${row.name}: name the columns otherwise.`,
          );
      if (anyArgument.has(field)) for (const row of candidates("t", [field])) await checkType(row, proving);
    }
    const read = inspection.relations.map((name) => [name, pick(name, candidates("r", name))] as const);
    const own = await checkRelations(inspection, read, proving);
    return own;
  }

  function checkFunctions(name: Name, overloads: readonly Candidate[], proving: Proving): void {
    const denied = deniedFunctions.test(name.at(-1) ?? "");
    if (denied && !overloads.every(({ schema, name: function_ }) => allowed.has(`${schema}.${function_}`)))
      throw refused(`the function ${name.join(".")}`, "It can reach beyond the statement: leave it out.");
    // Every one of them: which one runs is decided by the types of the arguments.
    for (const code of overloads) {
      const verdict = verdictOf(code, proving);
      if (verdict === "fine") continue;
      const { schema, name: function_, extension } = code;
      if (verdict === "effects")
        throw refused(
          `the function ${function_}${extension === null ? "" : ` of the extension ${extension}`}`,
          "It has side effects: leave it out.",
        );
      throw refused(
        words`the function ${schema}.${function_}`,
        overloads.some((each) => each.schema === "pg_catalog" && schema !== "pg_catalog")
          ? words`It is user-defined: write pg_catalog.${function_} for the built-in one, or ask the person for --allow-function ${schema}.${function_}.`
          : words`It is user-defined: ask the person for --allow-function ${schema}.${function_}.`,
      );
    }
  }

  function verdictOf(code: Candidate, { writing, lenient }: Proving) {
    const verdict = judge(code, allowed, writing);
    return verdict === "own" && lenient && code.detail !== "v" ? "fine" : verdict;
  }

  function passes(code: Candidate, proving: Proving, denied: boolean): boolean {
    return allowed.has(`${code.schema}.${code.name}`) || (!denied && verdictOf(code, proving) === "fine");
  }

  function checkSampler(sampler: string, found: readonly Candidate[]): void {
    const fine =
      samplingMethods.has(sampler.split(".").at(-1) ?? "") &&
      found.every((code) => judge({ ...code, raw: "false", detail: "s" }, allowed) === "fine");
    if (!fine) throw refused(`the sampling method ${sampler}`, "Use BERNOULLI or SYSTEM.");
  }

  function checkOperator(row: Candidate, proving: Proving): void {
    const dot = row.runs.indexOf(".");
    const code = { ...row, schema: row.runs.slice(0, dot), name: row.runs.slice(dot + 1) };
    if (!passes(code, proving, deniedFunctions.test(code.name)))
      throw refused(
        words`the operator ${row.schema}.${row.name}`,
        words`It is user-defined: write what it means, or ask the person for --allow-function ${row.runs}.`,
      );
  }

  async function checkType(row: Candidate, proving: Proving): Promise<void> {
    for (const oid of JSON.parse(row.inside ?? "[]") as string[]) {
      proving.named.add(oid);
      proving.inPlay.add(oid);
    }
    for (const check of (JSON.parse(row.checks ?? "[]") ?? []) as string[])
      await checkExpression(check, words`the type ${row.schema}.${row.name}`, proving, "Cast to a built-in type.");
  }

  /** An expression of the catalog that runs with the statement. */
  async function checkExpression(
    expression: string,
    what: string,
    proving: Proving,
    instead: string,
    lenient = proving.lenient,
  ): Promise<void> {
    if (proving.depth >= VIEW_DEPTH) throw refused(what, "It is nested too deep.");
    await within(what, instead, async () => {
      const inspection = await inspect(`SELECT (${expression})`);
      if (inspection.refusal !== undefined) throw refused(inspection.refusal, "");
      await vouch(inspection, { ...proving, depth: proving.depth + 1, lenient });
    });
  }

  /** All relations that are read, directly or through views, and what comes with them. Answers the direct ones. */
  async function checkRelations(
    inspection: Inspection,
    read: readonly (readonly [Name, Candidate])[],
    proving: Proving,
  ): Promise<readonly [Name, Candidate][]> {
    const system = read.filter(([, row]) => isSystem(row)).map(([, { name }]) => name);
    for (const name of system) {
      if (deniedRelations.has(name))
        throw refused(`the relation ${name}`, "It holds credentials, configuration or raw values: leave it out.");
      if ((proving.masks.size > 0 || closes) && revealingRelations.has(name))
        throw closed(`the relation ${name}`, "It holds values of masked columns or closed schemas: leave it out.");
    }
    await checkSettings(inspection, system, proving.signal);
    const own = read.filter(([, row]) => !isSystem(row)).map(([name, row]) => [name, row] as [Name, Candidate]);
    if (proving.inside || own.length === 0) return own;
    const populates =
      inspection.functions.some((name) => populating.test(name.at(-1) ?? "")) ||
      inspection.fields.some((name) => populating.test(name)) ||
      inspection.operators.some((name) => populating.test(name.at(-1) ?? ""));
    for (const row of await reached([...new Set(own.map(([, { oid }]) => oid))], proving, populates))
      await checkReached(row, proving, populates);
    return own;
  }

  async function checkReached(row: Reached, proving: Proving, populates: boolean): Promise<void> {
    if (Number(row.oid) < FIRST_OWN) return;
    const id = `${row.schema}.${row.name}`;
    checkMaskedView(row, proving.masks, proving.writing);
    await checkMaskedDefinition(row, proving.masks);
    if (row.stored === "true") return;
    checkSchema(row.schema);
    for (const [schema, handler, server] of list<[string | null, string | null, string]>(row.remote))
      if (!allowed.has(`${schema}.${handler}`))
        throw refused(
          words`the foreign table ${id}`,
          words`What reading does at the server ${server} cannot be proved: ask the person for --allow-function ${schema}.${handler}.`,
        );
    const { types = [], checks = [] } = (JSON.parse(row.types ?? "{}") ?? {}) as {
      types?: readonly string[] | null;
      checks?: readonly string[] | null;
    };
    for (const oid of types ?? []) {
      proving.inPlay.add(oid);
      if (populates) proving.named.add(oid);
    }
    if (populates)
      for (const check of checks ?? [])
        await checkExpression(check, words`a domain in ${id}`, proving, "Name the columns.");
    for (const [name, expression] of list<[string, string]>(row.policies))
      await checkExpression(
        expression,
        words`the policy ${name} of ${id}`,
        { ...proving, inside: false },
        "Its functions have to be STABLE, or allowed by the person.",
        true,
      );
    for (const [name, expression] of list<[string, string]>(row.planned))
      if (callsWithoutColumns(await parser.ask("tree", `SELECT (${expression})`)))
        await checkExpression(expression, words`${name} of ${id}`, proving, "It runs when a query is planned.");
    for (const [name, definition] of list<[string, string]>(row.statistics))
      if (callsWithoutColumns(await parser.ask("tree", definition)))
        throw refused(words`${id} with its statistics ${name}`, "They call a function when a query is planned.");
    for (const text of list<string>(row.classes)) {
      const code = JSON.parse(text) as Attachment;
      if (!runsUnnamed({ ...code, raw: null }, allowed))
        throw refused(
          words`${id}, whose operator class ${code.of} runs ${code.schema}.${code.name},`,
          words`Ask the person for --allow-function ${code.schema}.${code.name}.`,
        );
    }
    if (row.kind !== "v" || row.definition === null || trustedView(row)) {
      if (row.kind === "v" && row.definition === null)
        throw refused(words`the view ${id}`, "Its definition cannot be read.");
      return;
    }
    await checkView(row, id, proving);
  }

  async function checkView(row: Reached, id: string, proving: Proving): Promise<void> {
    if (proving.seen.has(row.oid)) return;
    proving.seen.add(row.oid);
    if (proving.depth >= VIEW_DEPTH)
      throw refused(words`the view ${id}`, "Views are nested too deep: query its tables.");
    await within(words`the view ${id}`, "Query its tables.", async () => {
      const inspection = await inspect(row.definition ?? "");
      if (inspection.refusal !== undefined) throw refused(inspection.refusal, "");
      await vouch(inspection, { ...proving, writing: false, depth: proving.depth + 1, inside: true });
    });
  }

  function checkSchema(schema: string): void {
    const { schemas, denySchemas } = policy;
    if (denySchemas.includes(schema) || (schemas !== undefined && !schemas.includes(schema)))
      throw closed(words`the schema ${schema}`, "Use another one: `schema` lists what is open.");
  }

  function checkMaskedView({ schema, name, kind, uses }: Reached, masks: Masks, writing: boolean): void {
    if (masks.size === 0 || !/^[vm]$/.test(kind)) return;
    for (const [relation, attribute] of list<[string, string]>(uses)) {
      const found = masks.get(relation);
      if (found && (writing || found.attributes.includes(Number(attribute))))
        throw closed(words`${schema}.${name}: it uses a masked column`, "Query its tables, without that column.");
    }
  }

  // What a view does with a whole row, the catalog does not say.
  async function checkMaskedDefinition({ schema, name, kind, definition, uses }: Reached, masks: Masks): Promise<void> {
    if (masks.size === 0 || !/^[vm]$/.test(kind)) return;
    const found = list<[string, string]>(uses).flatMap(([relation]) => masks.get(relation) ?? []);
    if (found.length === 0) return;
    const [tree] = await parser.ask("tree", definition ?? "");
    if (!tree || maskUse(tree, found, false).refusal !== undefined)
      throw closed(words`${schema}.${name}: it uses a masked column`, "Query its tables, without that column.");
  }

  async function checkMasks(
    sql: string,
    outermost: boolean,
    own: readonly [Name, Candidate][],
    masks: Masks,
  ): Promise<boolean> {
    const found = own.flatMap(([name, { oid }]) => {
      const relation = masks.get(oid);
      return relation ? [{ ...relation, name: name.at(-1) ?? "" }] : [];
    });
    if (found.length === 0) return false;
    const [tree] = await parser.ask("tree", sql);
    const { refusal, shows } = maskUse(tree ?? {}, found, outermost);
    if (refusal !== undefined)
      throw new ToolError(
        "denied",
        `Refused: ${refusal} is not allowed: the operator masks columns of ${found.map(({ name }) => name).join(", ")}.`,
        {
          hint: "Name the columns that you need. A masked one can only be shown, as ***, in the outermost SELECT.",
        },
      );
    return shows;
  }

  /** Until when statements with the same names in the same places need no second look. */
  const sound = new Map<string, number>();

  /** Whether every name of a statement is vouched for; answers what masks the answer takes. */
  async function proveNames(sql: string, inspection: Inspection, signal: AbortSignal, writing: boolean) {
    if (isBare(inspection)) return {};
    const shape = shapeOf(inspection, writing);
    const now = Date.now();
    if ((sound.get(shape) ?? 0) > now) return {};
    const proof = await lookUp(sql, inspection, signal, writing);
    // What is masked depends on where names stand, not only on which they are.
    if (proof === unmasked) {
      if (sound.size >= REMEMBERED * 4) sound.clear();
      sound.set(shape, now + BELIEVED);
    }
    return proof;
  }

  async function lookUp(sql: string, inspection: Inspection, signal: AbortSignal, writing: boolean) {
    const [{ hazards, utf8, older }, masks] = await Promise.all([surroundings("all", signal), masksOf(signal)]);
    if (!utf8) refuseOtherCase(inspection);
    const proving: Proving = {
      signal,
      writing,
      depth: 0,
      seen: new Set(),
      named: new Set(),
      inPlay: new Set(),
      compared: { yes: false },
      hazards,
      masks,
      older,
      inside: false,
      lenient: false,
    };
    const own = await vouch(inspection, proving);
    refuseHazards(proving);
    if (masks === noMasks) return unmasked;
    // What changes rows answers by another way, where nothing is masked.
    const showsMasked = await checkMasks(sql, !writing && /^(select|explain)$/.test(inspection.kind), own, masks);
    return { masks: maskedColumns(masks), showsMasked };
  }

  /** Nobody else's proof counts here, however it is made: it says nothing of this database. */
  const proofs = new WeakSet<Proof>();
  function kept(proof: Proof): Proof {
    proofs.add(proof);
    return proof;
  }

  return {
    inspect,
    made: (proof) => proofs.has(proof),
    async prove(sql, signal, { kinds = reading, index = false } = {}) {
      const inspection = await inspect(sql);
      if (index) {
        if (inspection.node !== "IndexStmt")
          throw refused(inspection.node.replace(/Stmt$/, "").toUpperCase(), "Only CREATE INDEX can stand here.");
        if (inspection.indexRefusal !== undefined) throw refused(inspection.indexRefusal, "Leave it out of the index.");
        return kept({ sql, inspection, ...(await proveNames(sql, inspection, signal, false)), [proved]: true });
      }
      const { kind, strongest, refusal, writeRefusal, node } = inspection;
      const writing = kinds.some((each) => !reading.includes(each));
      const why = writing ? writeRefusal : refusal;
      if (why !== undefined) throw refused(why, hintFor(node));
      if (!kinds.includes(kind) || (strongest !== kind && kind !== "explain" && !kinds.includes(strongest)))
        throw refused(`${node.replace(/Stmt$/, "").toUpperCase()}`, `Only ${kinds.join(", ")} can be run here.`);
      // An explained change is planned, not run; what it would run is still read only by rule.
      if (kind === "explain" && !["select", "show"].includes(strongest))
        throw refused(`EXPLAIN of ${strongest.toUpperCase()}`, "Use `explain`.");
      return kept({ sql, inspection, ...(await proveNames(sql, inspection, signal, writing)), [proved]: true });
    },
  };
}

/** What a proof adds where nothing is masked. */
const unmasked = {};

/** Everything that {@link createGuard} judges by, and nothing of the literals. */
function shapeOf(inspection: Inspection, writing: boolean): string {
  const { kind, strongest, node, functions, spelled, operators, types, relations, fields } = inspection;
  const { calls, samplers, settings, anySetting, compares } = inspection;
  const names = [functions, spelled, operators, types, relations, fields, calls, samplers, settings];
  return JSON.stringify([kind, strongest, node, anySetting, compares, writing, ...names]);
}

/** Nothing in it that the catalog could say anything of. */
function isBare({
  functions,
  spelled,
  operators,
  types,
  fields,
  relations,
  samplers,
  settings,
  anySetting,
}: Inspection): boolean {
  return (
    [functions, spelled, operators, types, fields, relations, samplers, settings].every(({ length }) => length === 0) &&
    !anySetting
  );
}

function trustedView({ extension }: Reached): boolean {
  return extension !== null && trustedExtensions.has(extension);
}

function list<Item>(json: string | null): readonly Item[] {
  return (JSON.parse(json ?? "[]") ?? []) as readonly Item[];
}
