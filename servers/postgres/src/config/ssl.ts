import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import type { ConnectionOptions, SecureContext, SecureContextOptions } from "node:tls";
import { type ConnectionSettings, type SslMode, sslModes } from "../connection/settings.ts";
import { choice } from "./choice.ts";
import type { Layers } from "./layers.ts";
import { configurationProblem } from "./problem.ts";

/** The folder of a person's certificates: `~/.postgresql`, on Windows `%APPDATA%\postgresql`. */
export function certificateFolder(home: string, env: NodeJS.ProcessEnv, platform = process.platform): string {
  return platform === "win32" ? path.join(env["APPDATA"] ?? home, "postgresql") : path.join(home, ".postgresql");
}

/**
 * How TLS is spoken. As in libpq, a root certificate that is there is checked in every mode, verify-ca checks no name, and a
 * client certificate in the standard place is used. Stricter than libpq in one thing: a certificate file that is named and is
 * not there is a problem, since `sslmode=require` with a misspelt `sslrootcert` would check nothing.
 * https://www.postgresql.org/docs/current/libpq-ssl.html
 */
export async function sslSettings(
  given: Layers,
  folder: string,
  env: NodeJS.ProcessEnv,
): Promise<ConnectionSettings["ssl"]> {
  const system = given.get("sslrootcert") === "system";
  const mode = choice(given, "sslmode", sslModes, system ? "verify-full" : "prefer");
  const direct = choice(given, "sslnegotiation", ["postgres", "direct"], "postgres") === "direct";
  if (system && mode !== "verify-full")
    throw configurationProblem(given.where("sslmode"), "with sslrootcert=system only verify-full is of use");
  if (direct && !isStrict(mode))
    throw configurationProblem(given.where("sslmode"), "sslnegotiation=direct needs require, verify-ca or verify-full");
  if (mode === "disable") return { mode, options: { rejectUnauthorized: false }, direct };

  const ca = system ? await systemAuthorities(env) : await rootCertificate(given, mode, folder);
  const context: SecureContextOptions = {
    ...(ca !== undefined && { ca: [...ca] }),
    ...(ca !== undefined && (await revoked(given, folder))),
    ...(await clientCertificate(given, folder)),
    minVersion: choice(given, "ssl_min_protocol_version", versions, "TLSv1.2"),
    maxVersion: choice(given, "ssl_max_protocol_version", versions, "TLSv1.3"),
  };
  const options: ConnectionOptions = {
    // Without a file there is nothing to prepare, nor to load for a server that may have no TLS.
    ...(context.ca === undefined && context.cert === undefined
      ? context
      : { secureContext: await contextOf(context, given) }),
    rejectUnauthorized: ca !== undefined,
    ...(mode !== "verify-full" && { checkServerIdentity: () => undefined }),
    ...(choice(given, "sslsni", ["0", "1"], "1") === "0" && { servername: "" }),
  };
  return { mode, options, direct };
}

const versions = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"] as const;

function isStrict(mode: SslMode): boolean {
  return mode === "require" || mode.startsWith("verify");
}

/** Building one from the some 300 certificates of a system takes tens of milliseconds: the last ones are kept, by what is in them. */
const contexts = new Map<string, SecureContext>();
const KEPT_CONTEXTS = 8;

async function contextOf(context: SecureContextOptions, given: Layers): Promise<SecureContext> {
  const [{ createSecureContext }, { createHash }] = await Promise.all([import("node:tls"), import("node:crypto")]);
  const key = createHash("sha256").update(JSON.stringify(context)).digest("hex");
  const kept = contexts.get(key);
  if (kept) return kept;
  try {
    const made = createSecureContext(context);
    if (contexts.size >= KEPT_CONTEXTS) contexts.clear();
    contexts.set(key, made);
    return made;
  } catch (cause) {
    const { code = "unknown reason" } = cause as NodeJS.ErrnoException;
    throw configurationProblem(
      given.where("sslcert", "sslkey", "sslrootcert"),
      `the certificates cannot be used (${code}): a damaged file, a key of another certificate, or a wrong sslpassword`,
    );
  }
}

/** PEM texts of the authorities that libpq would find in the system's store, and those that Node brings. */
async function systemAuthorities(env: NodeJS.ProcessEnv): Promise<readonly string[]> {
  const tls = await import("node:tls");
  const file = env["SSL_CERT_FILE"];
  const extra = file ? [await readNamed(file, "SSL_CERT_FILE")] : [];
  // Since Node 22.15.
  if (typeof tls.getCACertificates !== "function") return [...tls.rootCertificates, ...extra];
  return [...new Set([...tls.getCACertificates("default"), ...tls.getCACertificates("system"), ...extra])];
}

async function rootCertificate(given: Layers, mode: SslMode, folder: string): Promise<readonly string[] | undefined> {
  const named = given.get("sslrootcert");
  const text = named
    ? await readNamed(named, given.where("sslrootcert"))
    : await readIfThere(path.join(folder, "root.crt"), given.where("sslrootcert"));
  if (text !== undefined) return [text];
  if (!mode.startsWith("verify")) return undefined;
  throw configurationProblem(
    given.where("sslmode", "sslrootcert"),
    `${mode} needs the certificate of the authority: in ${path.join(folder, "root.crt")}, in sslrootcert=FILE, or sslrootcert=system`,
  );
}

async function revoked(given: Layers, folder: string): Promise<{ crl?: string }> {
  const named = given.get("sslcrl");
  const crl = named
    ? await readNamed(named, given.where("sslcrl"))
    : await readIfThere(path.join(folder, "root.crl"), given.where("sslcrl"));
  return crl === undefined ? {} : { crl };
}

async function clientCertificate(
  given: Layers,
  folder: string,
): Promise<Pick<SecureContextOptions, "cert" | "key" | "passphrase">> {
  const mode = choice(given, "sslcertmode", ["disable", "allow", "require"], "allow");
  if (mode === "require")
    throw configurationProblem(given.where("sslcertmode"), "require is not supported here: leave it out");
  if (mode === "disable") return {};
  const named = given.get("sslcert");
  const cert = named
    ? await readNamed(named, given.where("sslcert"))
    : await readIfThere(path.join(folder, "postgresql.crt"), given.where("sslcert"));
  if (cert === undefined) return {};
  const file = given.get("sslkey") ?? path.join(folder, "postgresql.key");
  const where = given.where("sslkey", "sslcert");
  const key = await readNamed(file, where);
  await refuseOpenKey(file, where);
  const passphrase = given.get("sslpassword");
  return { cert, key, ...(passphrase !== undefined && { passphrase }) };
}

/** As libpq: a key is for its owner alone; root's may be read by a group. */
async function refuseOpenKey(file: string, where: string): Promise<void> {
  if (process.platform === "win32") return;
  const { mode, uid } = await stat(file);
  if ((mode & (uid === 0 ? 0o037 : 0o077)) !== 0)
    throw configurationProblem(where, `others may read the key ${file}; chmod 600 closes it`);
}

async function readNamed(file: string, where: string): Promise<string> {
  const text = await readIfThere(file, where);
  if (text !== undefined) return text;
  throw configurationProblem(where, `the file ${file} is not there`);
}

async function readIfThere(file: string, where: string): Promise<string | undefined> {
  try {
    return await readFile(file, "latin1");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw configurationProblem(where, `the file ${file} cannot be read (${code})`);
  }
}
