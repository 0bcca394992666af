/** Whether the connection is gone, rather than the statement wrong. */
export function isConnectionLost(error: unknown): boolean {
  const { code = "", message = "" } = Object(error) as Partial<NodeJS.ErrnoException>;
  return (
    /^(08(?!P01)|57P0[123])/.test(code) ||
    /^(ECONNRESET|EPIPE|ECONNABORTED|ETIMEDOUT|ENOTCONN)$/.test(code) ||
    /^(Connection terminated|Client was closed|Client has encountered a connection error|This socket has been ended|read ECONN|write E)/.test(
      message,
    )
  );
}
