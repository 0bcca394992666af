import { existsSync } from "node:fs";
import type { Address } from "../connection/settings.ts";
import type { Layers } from "./layers.ts";
import { configurationProblem } from "./problem.ts";

const STANDARD_PORT = 5432;

/** Where the server's packages have their sockets: Debian and Red Hat, PostgreSQL's own build. */
const socketFolders = ["/var/run/postgresql", "/tmp"];

/**
 * `host`, `hostaddr` and `port` as lists of equal length; one port, or none, counts for all. Without a host: the socket of a
 * server on this machine, else `localhost`; only that where `elsewhere` says that another machine looks at it.
 * https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-MULTIPLE-HOSTS
 */
export function addressesOf(
  parameters: Layers,
  { elsewhere = false }: { readonly elsewhere?: boolean | undefined } = {},
): readonly [Address, ...Address[]] {
  const where = parameters.where("port", "host", "hostaddr");
  const hosts = listOf(parameters.get("host"));
  const numeric = listOf(parameters.get("hostaddr"));
  const ports = listOf(parameters.get("port"));
  const count = Math.max(hosts.length, numeric.length, 1);
  if (hosts.length > 0 && numeric.length > 0 && hosts.length !== numeric.length)
    throw configurationProblem(
      where,
      `${hosts.length} hosts and ${numeric.length} values of hostaddr do not fit together`,
    );
  if (ports.length > 1 && ports.length !== count)
    throw configurationProblem(where, `${ports.length} ports and ${count} hosts do not fit together`);
  const addresses = Array.from({ length: count }, (_, i): Address => {
    const port = portOf(ports[ports.length > 1 ? i : 0] ?? "", where);
    const given = numeric[i] ?? "";
    const host = (hosts[i] ?? "") || given || (elsewhere ? "localhost" : standardHost(port));
    return given === "" || given === host ? { host, port } : { host, port, hostaddr: given };
  });
  return addresses as [Address, ...Address[]];
}

function listOf(text: string | undefined): string[] {
  return text === undefined || text === "" ? [] : text.split(",").map((part) => part.trim());
}

function portOf(text: string, where: string): number {
  if (text === "") return STANDARD_PORT;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw configurationProblem(where, "a port is no number from 1 to 65535");
  return port;
}

function standardHost(port: number): string {
  if (process.platform === "win32") return "localhost";
  return socketFolders.find((folder) => existsSync(`${folder}/.s.PGSQL.${port}`)) ?? "localhost";
}
