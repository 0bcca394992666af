import type { ServerResponse } from "node:http";

/** Writes a web response to a Node one; streams as they come, with back-pressure. */
export async function sendResponse(target: ServerResponse, response: Response): Promise<void> {
  const headers: Record<string, string> = {};
  for (const [name, value] of response.headers) headers[name] = value;
  if (!response.body) {
    target.writeHead(response.status, headers).end();
    return;
  }
  if (!headers["content-type"]?.startsWith("text/event-stream")) {
    const body = Buffer.from(await response.arrayBuffer());
    target.writeHead(response.status, { ...headers, "content-length": String(body.length) }).end(body);
    return;
  }
  target.writeHead(response.status, headers);
  target.flushHeaders();
  const reader = response.body.getReader();
  // A closed connection cancels the stream, which is how HTTP says "cancel".
  target.once("close", () => void reader.cancel().catch(() => {}));
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    if (!target.write(value))
      await new Promise<void>((resolve) => {
        target.once("drain", resolve);
        target.once("close", resolve);
      });
  }
  target.end();
}
