/** A client that this project did not write, driven as a person would: list the tools, call one. */
export interface ForeignClient {
  readonly name: string;
  /** How it reaches the server. */
  readonly transports: readonly Transport[];
  /** Left out where a list is a menu on a terminal. */
  list?(target: Target): Promise<readonly string[]>;
  /** The text that the client got. */
  call(target: Target, tool: string, args: Readonly<Record<string, unknown>>): Promise<string>;
}

export type Transport = "stdio" | "http";

export interface Target {
  readonly transport: Transport;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Only for `http`. */
  readonly url: string;
  /** A folder where a client may keep its configuration. */
  readonly folder: string;
}

/** Works with a connected client and closes it, whatever happens. */
export async function closing<C extends { close(): Promise<unknown> }, T>(
  client: C,
  work: (client: C) => Promise<T>,
): Promise<T> {
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}
