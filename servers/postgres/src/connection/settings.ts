import type { ConnectionOptions } from "node:tls";
import type { Duplex } from "node:stream";

/** One place where the server may listen. */
export interface Address {
  /** A name, an address, or the folder of a Unix socket (begins with `/`). */
  readonly host: string;
  readonly port: number;
  /** Where to connect instead of looking `host` up, which then only counts for certificates and password files. */
  readonly hostaddr?: string;
}

/** https://www.postgresql.org/docs/current/libpq-ssl.html, table 32.1 */
export const sslModes = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"] as const;
export type SslMode = (typeof sslModes)[number];

/** https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-TARGET-SESSION-ATTRS */
export const targets = ["any", "read-write", "read-only", "primary", "standby", "prefer-standby"] as const;
export type Target = (typeof targets)[number];

/** Ways to log in that the driver has, by libpq's names. `none`: the server asks for nothing. */
export const authenticationMethods = ["password", "md5", "scram-sha-256", "none"] as const;

/** Which of them a person allows. https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-REQUIRE-AUTH */
export interface Authentication {
  readonly methods: readonly (typeof authenticationMethods)[number][];
  /** Only SCRAM that is bound to the TLS connection. */
  readonly channelBinding: boolean;
}

/** What it takes to log in to one database. Meanings are libpq's. */
export interface ConnectionSettings {
  /** Tried in this order. */
  readonly addresses: readonly [Address, ...Address[]];
  readonly user: string;
  readonly database: string;
  /** Asked for each connection, so that a token may expire. `undefined`: none. */
  password(address: Address): Promise<string | undefined>;
  readonly ssl: { readonly mode: SslMode; readonly options: ConnectionOptions; readonly direct: boolean };
  readonly target: Target;
  /** `-c name=value …` of the person, before ours. */
  readonly options: string;
  readonly applicationName: string;
  /** Milliseconds for each address. */
  readonly connectTimeout: number;
  /** PgBouncer or the like stands between: nothing may depend on the session. */
  readonly pooler: boolean;
  /** Where it is to be found out: kept as soon as one connection has shown it. */
  readonly poolerSeen?: { value: boolean };
  /** Told that the server refused this password, so that the source is asked again, once. */
  refused?(password: string): Promise<void>;
  readonly authentication?: Authentication;
  /** Where the bytes go instead of a socket: a tunnel, the embedded database. Called for each connection. */
  readonly stream?: ((address: Address) => Duplex) | undefined;
}

/** Milliseconds that a statement and a lock may take, and an open transaction may rest. */
export interface Timeouts {
  readonly statement: number;
  readonly lock: number;
  readonly idleInTransaction: number;
}
