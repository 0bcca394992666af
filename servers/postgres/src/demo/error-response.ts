/**
 * An error as a server sends it, for what the embedded one cannot say any more.
 * https://www.postgresql.org/docs/18/protocol-error-fields.html
 */
export function errorResponse(code: string, message: string): Uint8Array {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${message}\0\0`, "utf8");
  const head = Buffer.alloc(5, "E");
  head.writeInt32BE(fields.length + 4, 1);
  return Uint8Array.from(Buffer.concat([head, fields]));
}
