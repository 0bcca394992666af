import os from "node:os";
import type { Credential, Host } from "@mooring/core";
import { type Address, type ConnectionSettings, targets } from "../connection/settings.ts";
import { addressesOf } from "./addresses.ts";
import { authenticationOf } from "./authentication.ts";
import { choice } from "./choice.ts";
import { parseConnectionString } from "./connection-string.ts";
import { environmentParameters } from "./environment.ts";
import { type Layer, type Layers, layers } from "./layers.ts";
import { variables } from "./parameters.ts";
import { passwordFromFile, standardPasswordFile } from "./password-file.ts";
import { configurationProblem } from "./problem.ts";
import { serviceParameters } from "./service-file.ts";
import { certificateFolder, sslSettings } from "./ssl.ts";

/** Where one database's settings come from. */
export interface Source {
  /** The connection string; where it is not set, the variables say it all. */
  readonly url: Credential;
  /** Asked in this order where the connection string and the service have no password. */
  readonly passwords: readonly Credential[];
  /** Addresses are seen from another machine, through a tunnel. */
  readonly elsewhere?: boolean;
}

/** What of the process settings are made of. */
export type Surroundings = Pick<Host, "env" | "log" | "redactor">;

/** What settings are without what the operator says by our own options. */
export type LibpqSettings = Omit<ConnectionSettings, "pooler" | "poolerSeen" | "stream">;

/** Milliseconds for each address where nobody says; libpq would wait for ever. */
const CONNECT_TIMEOUT = 10_000;

/**
 * Reads connection string, service file, variables and files of certificates: connection string, then service, then variables
 * win, as in libpq. Throws `unavailable` or `unauthenticated` naming the setting, never a value.
 */
export async function connectionSettings(
  source: Source,
  surroundings: Surroundings,
  signal?: AbortSignal,
): Promise<LibpqSettings> {
  const { env } = surroundings;
  const home = homeOf(env);
  const given = await readLayers(source, surroundings, signal);
  refuseUnsupported(given);
  const user = given.get("user") ?? systemUser(given);
  const database = given.get("dbname") ?? user;
  return {
    addresses: shuffled(
      addressesOf(given, source),
      choice(given, "load_balance_hosts", ["disable", "random"], "disable"),
    ),
    user,
    database,
    async password(address) {
      // Read anew: a command that gives the whole URL may have been asked again.
      const current = await readLayers(source, surroundings);
      const found =
        current.get("password") ?? (await ofCredentials(source.passwords)) ?? (await ofFile(current, address));
      if (found !== undefined) surroundings.redactor.add(found);
      return found;
    },
    async refused(password) {
      for (const credential of source.passwords) credential.reject(password);
      const { url } = source;
      if (!isMeant(url)) return;
      const text = await url.get();
      if (parseConnectionString(text, url.name).get("password") === password) url.reject(text);
    },
    ssl: await sslSettings(given, certificateFolder(home, env), env),
    target: choice(given, "target_session_attrs", targets, "any"),
    options: [given.get("options") ?? "", ...sessionVariables(env)].filter(Boolean).join(" "),
    applicationName: given.get("application_name") ?? given.get("fallback_application_name") ?? "mooring-postgres",
    connectTimeout: seconds(given),
    authentication: authenticationOf(given),
  };

  async function ofFile(current: Layers, { host, port }: Address): Promise<string | undefined> {
    const file = current.get("passfile") ?? standardPasswordFile(home, env);
    return passwordFromFile(file, { host, port, database, user }, surroundings.log);
  }
}

/**
 * Set, or literally "${NAME}": whoever wrote that hears that nothing expands it, instead of a login to somewhere else. An empty
 * variable is what hosts make of a setting that nobody filled in.
 */
export function isMeant({ present, problem }: Credential): boolean {
  return present || problem?.includes("${") === true;
}

async function ofCredentials(credentials: readonly Credential[]): Promise<string | undefined> {
  return credentials.find(isMeant)?.get();
}

async function readLayers({ url }: Source, { env }: Surroundings, signal?: AbortSignal): Promise<Layers> {
  const byName = new Map(variables);
  const environment: Layer = {
    parameters: environmentParameters(env),
    where: (keyword) => byName.get(keyword) ?? keyword,
  };
  const own: Layer[] = isMeant(url)
    ? [
        {
          parameters: parseConnectionString(await url.get(signal), url.name),
          where: (keyword) => `${keyword} in ${url.name}`,
        },
      ]
    : [];
  const first = layers(...own, environment);
  const name = first.get("service");
  if (name === undefined) return first;
  const parameters = await serviceParameters(name, { file: first.get("servicefile"), home: homeOf(env), env });
  return layers(...own, { parameters, where: (keyword) => `${keyword} of the service "${name}"` }, environment);
}

function homeOf(env: NodeJS.ProcessEnv): string {
  return env["HOME"] || os.homedir();
}

function systemUser(given: Layers): string {
  try {
    return os.userInfo().username;
  } catch {
    throw configurationProblem(
      given.where("user"),
      "nobody says which role logs in, and this process has no user name",
    );
  }
}

/** What would weaken the connection if it were passed over. */
function refuseUnsupported(given: Layers): void {
  if (choice(given, "gssencmode", ["disable", "prefer", "require"], "prefer") === "require")
    throw configurationProblem(
      given.where("gssencmode"),
      "encryption by GSSAPI is not supported here; TLS is (sslmode)",
    );
  if (given.get("replication") && given.get("replication") !== "false")
    throw configurationProblem(given.where("replication"), "replication connections are of no use here: leave it out");
  if ((given.get("min_protocol_version") ?? "3.0") !== "3.0")
    throw configurationProblem(given.where("min_protocol_version"), "only protocol 3.0 is spoken here: leave it out");
}

function seconds(given: Layers): number {
  const text = given.get("connect_timeout")?.trim();
  if (text === undefined) return CONNECT_TIMEOUT;
  if (!/^-?\d{1,9}$/.test(text)) throw configurationProblem(given.where("connect_timeout"), "expected seconds");
  return Math.max(0, Number(text)) * 1_000;
}

/** Variables that libpq turns into settings of the session. */
const sessionSettings = { PGDATESTYLE: "DateStyle", PGTZ: "TimeZone", PGGEQO: "geqo" } as const;

function sessionVariables(env: NodeJS.ProcessEnv): string[] {
  return Object.entries(sessionSettings).flatMap(([variable, setting]) => {
    const value = env[variable];
    // https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-OPTIONS
    return value ? [`-c ${setting}=${value.replace(/[\s\\]/g, "\\$&")}`] : [];
  });
}

type Addresses = ConnectionSettings["addresses"];

function shuffled(addresses: Addresses, order: "disable" | "random"): Addresses {
  if (order === "disable") return addresses;
  return addresses
    .map((address) => ({ address, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ address }) => address) as unknown as Addresses;
}
