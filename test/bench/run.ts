// `npm run bench [-- part ...]`: parts are core, servers, start, read, search, create, memory, races, scaffold, postgres (or one
// of its parts: postgres:latency); all without one.
// Prints a table and writes docs/bench/results.json, results.md, filesystem.svg and postgres.svg. Exit status 1 when a bar is missed.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { chart } from "./chart.ts";
import { benchHttp } from "./core/http.ts";
import { benchStdio } from "./core/stdio.ts";
import { benchScaffold } from "./create-server/scaffold.ts";
import { type Contenders, contenders } from "./filesystem/contenders.ts";
import { benchCreate } from "./filesystem/create.ts";
import { benchMemory } from "./filesystem/memory.ts";
import { benchRaces } from "./filesystem/races.ts";
import { benchRead } from "./filesystem/read.ts";
import { benchSearch } from "./filesystem/search.ts";
import { benchStart } from "./filesystem/start.ts";
import { installPeers } from "./peers.ts";
import { benchPostgres, postgresParts } from "./postgres/run.ts";
import { HEADER, markdown, met, type Result, row, table } from "./result.ts";
import { benchServers } from "./servers/servers.ts";

const docs = fileURLToPath(new URL("../../docs/bench", import.meta.url));
const { filesystem, rg, serverPostgres, dbhub } = installPeers();

const parts: Readonly<Record<string, (sides: Contenders) => Promise<Result[]>>> = {
  core: async () => [...(await benchHttp()), ...(await benchStdio())],
  servers: benchServers,
  start: benchStart,
  read: benchRead,
  create: benchCreate,
  search: (sides) => benchSearch(sides, rg),
  memory: benchMemory,
  races: benchRaces,
  scaffold: benchScaffold,
  ...Object.fromEntries(
    postgresParts.map((part) => [`postgres:${part}`, () => benchPostgres(part, { serverPostgres, dbhub })]),
  ),
};

const wanted = process.argv
  .slice(2)
  .filter((argument) => argument !== "--")
  .flatMap((part) => (part === "postgres" ? postgresParts.map((each) => `postgres:${each}`) : [part]));
for (const part of wanted)
  if (!Object.hasOwn(parts, part)) {
    console.error(`Unknown part "${part}". There are: ${Object.keys(parts).join(", ")}, postgres.`);
    process.exit(2);
  }

const results: Result[] = [];
for (const part of wanted.length > 0 ? wanted : Object.keys(parts)) {
  console.error(`${part} …`);
  using sides = contenders(filesystem);
  for (const result of await (parts[part] as (typeof parts)[string])(sides)) {
    results.push(result);
    console.error(`  ${row(result).filter(Boolean).join("  ")}`);
  }
}

process.stdout.write(`${table([HEADER, ...results.map(row)])}\n`);
mkdirSync(docs, { recursive: true });
const file = join(docs, "results.json");
// A run of some parts replaces their figures and leaves the others.
const before = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Result[]) : [];
const merged = [...before.filter((old) => !results.some((result) => result.id === old.id)), ...results].sort(
  (a, b) => order(a.id) - order(b.id),
);
writeFileSync(file, `${JSON.stringify(merged, null, 2)}\n`);
writeFileSync(
  join(docs, "results.md"),
  `# Benchmarks\n\nWritten by \`npm run bench\`. Ratios count; absolute figures are those of the machine that ran it.\n\n${markdown(merged)}\n`,
);
const isPostgres = ({ id }: Result) => id.startsWith("pg-");
writeFileSync(join(docs, "filesystem.svg"), chart(merged.filter((result) => !isPostgres(result))));
writeFileSync(join(docs, "postgres.svg"), chart(merged.filter(isPostgres)));
process.exitCode = results.every(met) ? 0 : 1;

function order(id: string): number {
  const known = [
    "http",
    "http40",
    "stdio",
    "capped",
    "start",
    "rss",
    "list",
    "read",
    "read32",
    "wire",
    "page",
    "pagerss",
    "huge",
    "create",
    "find",
    "findrg",
    "grep",
    "growth",
  ];
  const at = known.indexOf(id);
  return at === -1 ? known.length : at;
}
