/** Where `ssh` logs in; keys, known hosts and jump hosts as its own configuration has them. */
export interface SshDestination {
  readonly host: string;
  readonly user?: string;
  readonly port?: number;
}

/** `[USER@]HOST[:PORT]`, an IPv6 address in brackets. No part begins with `-`, so that none can be an option of `ssh`. */
export const sshDestination = /^(?:([a-z_][\w.-]*)@)?([a-z0-9][\w.-]*|\[[0-9a-f:.]+\])(?::(\d{1,5}))?$/i;

/** Throws a plain `Error` for what {@link sshDestination} does not take: options are checked when the server starts. */
export function parseSshDestination(text: string): SshDestination {
  const [, user, host, port] = sshDestination.exec(text) ?? [];
  if (host === undefined) throw new Error("expected [USER@]HOST[:PORT]");
  return { host: host.replace(/^\[|\]$/g, ""), ...(user && { user }), ...(port && { port: Number(port) }) };
}
