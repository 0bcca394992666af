import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Client, Connection } from "pg";
import { ToolError } from "@mooring/core";
import type { Address, Authentication, ConnectionSettings } from "./settings.ts";
import { authenticationMethods } from "./settings.ts";
import type { Transport } from "./transport.ts";

/** A session that has begun. */
export interface Session {
  readonly client: Client;
  /** What the server says of itself and of the session, now and whenever it changes. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** What one login is made with. */
export interface Login {
  readonly settings: ConnectionSettings;
  readonly address: Address;
  /** `-c name=value …` */
  readonly options: string;
  /** The password, asked for when the server asks for one. */
  password(): Promise<string | undefined>;
}

/**
 * Logs in over an open transport. Throws what the server answers (`DatabaseError` of pg, with its SQLSTATE), what the network
 * throws, and `unauthenticated` where the server asks for what the person has not given or does not allow.
 */
export async function logIn({ stream }: Transport, login: Login): Promise<Session> {
  const { settings, address, options } = login;
  const { Client: PgClient } = (await import("pg")).default;
  const client = new PgClient({
    host: address.host,
    port: address.port,
    user: settings.user,
    database: settings.database,
    password: async () => {
      const password = await login.password();
      if (password === undefined) throw noPassword();
      return password;
    },
    // The stream is encrypted already, and connected.
    ssl: false,
    sslnegotiation: "postgres",
    stream: () => connectedStream(stream) as never,
    application_name: settings.applicationName,
    options,
    client_encoding: "UTF8",
    enableChannelBinding: settings.authentication?.channelBinding === true,
  } as ConstructorParameters<typeof PgClient>[0]);
  // What is left out the driver would take from the environment, which was read by libpq's rules already.
  Object.assign((client as unknown as { connectionParameters: object }).connectionParameters, {
    options,
    replication: undefined,
  });
  // A connection that is lost while nothing waits for it would end the process.
  client.on("error", () => {});
  const parameters = new Map<string, string>();
  client.connection.on("parameterStatus", ({ parameterName, parameterValue }: ParameterStatus) =>
    parameters.set(parameterName, parameterValue),
  );
  const guard = guardAuthentication(client.connection, settings.authentication);
  try {
    await client.connect();
    guard.check();
  } catch (error) {
    stream.destroy();
    throw error;
  }
  return { client, parameters };
}

interface ParameterStatus {
  readonly parameterName: string;
  readonly parameterValue: string;
}

/** The stream as the driver wants it: one that it connects itself. */
function connectedStream(stream: Duplex): Duplex {
  const missing = ["setNoDelay", "setKeepAlive", "ref", "unref"].filter((name) => !(name in stream));
  const connect = () => {
    process.nextTick(() => {
      stream.emit("connect");
      stream.resume();
    });
    return stream;
  };
  const isOwn = "connect" in stream && !(stream instanceof Socket);
  return Object.assign(
    stream,
    Object.fromEntries(missing.map((name) => [name, () => stream])),
    isOwn ? {} : { connect },
  );
}

/**
 * Ends a connection whose server wants to be logged in to in a way that the person does not allow, before any password is sent:
 * the listeners here run before the driver's. Of SCRAM the server's own proof is demanded in any case.
 */
function guardAuthentication(
  connection: Connection,
  { methods, channelBinding }: Authentication = { methods: authenticationMethods, channelBinding: false },
): { check(): void } {
  let forbidden: ToolError | undefined;
  let asked: Authentication["methods"][number] = "none";
  let proved = true;
  const demand = (allowed: boolean) => {
    if (allowed) return;
    forbidden ??= notAllowed();
    connection.stream.destroy(forbidden);
  };
  const askedFor = (method: typeof asked) => {
    asked = method;
    demand(methods.includes(method) && !channelBinding);
  };
  connection.on("authenticationCleartextPassword", () => askedFor("password"));
  connection.on("authenticationMD5Password", () => askedFor("md5"));
  connection.on("authenticationSASL", ({ mechanisms }: { readonly mechanisms: readonly string[] }) => {
    asked = "scram-sha-256";
    proved = false;
    demand(methods.includes(asked) && (!channelBinding || mechanisms.includes("SCRAM-SHA-256-PLUS")));
  });
  connection.on("authenticationSASLFinal", () => (proved = true));
  connection.on("authenticationOk", () =>
    demand(proved && methods.includes(asked) && (!channelBinding || asked === "scram-sha-256")),
  );
  return {
    // A server that asks for nothing may begin the session in the same packet.
    check() {
      if (forbidden) throw forbidden;
    },
  };
}

function notAllowed(): ToolError {
  return new ToolError(
    "unauthenticated",
    "The server logs in by a method that require_auth or channel_binding forbids.",
    {
      hint: "Ask the person to check the server, and these two settings.",
    },
  );
}

function noPassword(): ToolError {
  return new ToolError("unauthenticated", "The database asks for a password, and none is configured.", {
    hint: "Ask the person to set PGPASSWORD, PGPASSWORD_FILE or PGPASSWORD_COMMAND, or to write it into the connection string or ~/.pgpass.",
  });
}
