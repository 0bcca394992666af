import {
  type JSONRPCRequest,
  ProtocolError,
  ProtocolErrorCode,
  type Result,
  Server,
  type ServerContext,
} from "@modelcontextprotocol/server";

/** The SDK's seam for `input_required`, private to it; another release without it costs speed only. */
type Seam = (method: string, handler: Handler, request: JSONRPCRequest, context: ServerContext) => Promise<Result>;
type Handler = (request: JSONRPCRequest, context: ServerContext) => Promise<Result>;

/**
 * The SDK's server with refusals that a model can read: for malformed parameters the SDK sends the schema library's text,
 * lines of JSON, and for most methods as `-32603`. Nothing else that is thrown below it leaves the process either.
 */
export class ProtocolServer extends Server {
  protected override _wrapHandler(method: string, handler: Handler): Handler {
    const wrapped = (method === "tools/call" && this.#once(handler)) || super._wrapHandler(method, handler);
    return (request, context) => wrapped(request, context).catch((error: unknown) => this.#refuse(method, error));
  }

  /**
   * For `tools/call` the SDK holds the request against its schema twice and then the result, which core made: a third of
   * what it spends on a call. What is left of it here is the one validation and multi-round trips.
   */
  #once(handler: Handler): Handler | undefined {
    const { _invokeInputRequiredCapableHandler: invoke } = this as unknown as {
      _invokeInputRequiredCapableHandler?: Seam;
    };
    return invoke && ((request, context) => invoke.call(this, "tools/call", handler, request, context));
  }

  #refuse(method: string, error: unknown): never {
    const text = error instanceof Error ? error.message : "";
    const ours = text.startsWith(`Invalid ${method} result`);
    const issues = ours ? undefined : issuesIn(text);
    if (issues)
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Invalid params for ${method}: ${issues.join("; ")}.`);
    if (error instanceof ProtocolError && !ours) throw error;
    this.onerror?.(error instanceof Error ? error : new Error(String(error)));
    throw new ProtocolError(ProtocolErrorCode.InternalError, "Internal error");
  }
}

/** What zod's message says, in one phrase an issue; `undefined` for any other text. Its own words, none of the client's. */
function issuesIn(text: string): string[] | undefined {
  const start = text.indexOf("[\n");
  if (start < 0 || !text.endsWith("]")) return undefined;
  try {
    const issues = JSON.parse(text.slice(start)) as { path: (string | number)[]; message: string }[];
    return issues.slice(0, 3).map(({ path, message }) => {
      const [root, name, inner] = path;
      // Names below these are the client's.
      const open = name === "arguments" || name === "_meta" || inner === undefined;
      const where = root === "params" && name !== undefined ? `${open ? name : `${name}.${inner}`}: ` : "";
      return `${where}${message.replace(/^Invalid input: /, "").toLowerCase()}`;
    });
  } catch {
    return undefined;
  }
}
