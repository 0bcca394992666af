import { readFile } from "node:fs/promises";
import type { SecureContext } from "node:tls";
import { ToolError } from "./errors.ts";
import type { WarnLog } from "./state.ts";

/** Where systems without `tls.getCACertificates` keep their authorities: Debian, Fedora, SUSE, Alpine and BSD, macOS. */
const BUNDLES = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  "/etc/ssl/ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

/**
 * What outbound TLS trusts: Node's own authorities, the system's, and those in NODE_EXTRA_CA_CERTS and MOORING_CA_FILE.
 * Made once and shared by all connections: building it from some 300 certificates takes tens of milliseconds.
 * Throws `unavailable` when MOORING_CA_FILE cannot be used; NODE_EXTRA_CA_CERTS only warns, as in Node.
 */
export async function trust(env: NodeJS.ProcessEnv, log?: WarnLog): Promise<SecureContext> {
  const tls = await import("node:tls");
  const known = new Set<string>([...tls.rootCertificates, ...(await systemCertificates(env, tls))]);
  const extra = env["NODE_EXTRA_CA_CERTS"];
  if (extra) {
    const problem = await addFile(known, extra);
    if (problem) log?.warn(`NODE_EXTRA_CA_CERTS is ignored: the file ${problem}.`);
  }
  const problem = await caFileProblem(env, known);
  if (problem) throw problem;
  return contextOf(known, tls);
}

/** What is wrong with MOORING_CA_FILE, if anything; for `--check`. Adds what it holds to `known`. */
export async function caFileProblem(env: NodeJS.ProcessEnv, known = new Set<string>()): Promise<ToolError | undefined> {
  const path = env["MOORING_CA_FILE"];
  if (!path) return undefined;
  const problem = await addFile(known, path);
  return problem === undefined
    ? undefined
    : new ToolError("unavailable", `The file named by MOORING_CA_FILE ${problem}.`, {
        hint: "Name a readable PEM file with the certificate of the authority.",
        retryable: false,
      });
}

async function addFile(known: Set<string>, path: string): Promise<string | undefined> {
  let found: string[];
  try {
    found = certificatesIn(await readFile(path, "latin1"));
  } catch (error) {
    return `cannot be read (${(error as NodeJS.ErrnoException).code})`;
  }
  if (found.length === 0) return "holds no certificate in PEM form";
  const { X509Certificate } = await import("node:crypto");
  for (const certificate of found) {
    try {
      known.add(new X509Certificate(certificate).toString());
    } catch {
      return "holds a certificate that is damaged";
    }
  }
  return undefined;
}

async function systemCertificates(env: NodeJS.ProcessEnv, tls: typeof import("node:tls")): Promise<readonly string[]> {
  if (typeof tls.getCACertificates === "function") {
    try {
      const found = [...tls.getCACertificates("default"), ...tls.getCACertificates("system")];
      if (!env["SSL_CERT_FILE"]) return found;
      return [...found, ...certificatesIn(await readFile(env["SSL_CERT_FILE"], "latin1").catch(() => ""))];
    } catch {
      // A store that cannot be read leaves the bundle files.
    }
  }
  for (const path of [env["SSL_CERT_FILE"], ...BUNDLES]) {
    const text = path && (await readFile(path, "latin1").catch(() => undefined));
    if (text) return certificatesIn(text);
  }
  return [];
}

/** RFC 7468 §5.1 blocks; text around them is allowed and ignored. */
function certificatesIn(text: string): string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g) ?? [];
}

function contextOf(known: ReadonlySet<string>, tls: typeof import("node:tls")): SecureContext {
  try {
    return tls.createSecureContext({ ca: [...known] });
  } catch {
    // One damaged certificate in the system's store must not cost the rest.
    return tls.createSecureContext({ ca: [...known].filter((certificate) => isUsable(certificate, tls)) });
  }
}

function isUsable(certificate: string, tls: typeof import("node:tls")): boolean {
  try {
    tls.createSecureContext({ ca: certificate });
    return true;
  } catch {
    return false;
  }
}
