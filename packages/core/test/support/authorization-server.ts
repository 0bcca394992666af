import { createHash, randomUUID } from "node:crypto";
import { createServer, type ServerResponse } from "node:http";
import type { OAuthService } from "../../src/oauth.ts";
import { listening } from "./listening.ts";

export interface AuthorizationServer {
  readonly service: OAuthService;
  /** Forms of the token endpoint, in order. */
  readonly asked: Record<string, string>[];
  readonly revoked: Record<string, string>[];
  /** What the device flow answers before it grants, one per question. */
  readonly script: Record<string, unknown>[];
  /** Changes what comes next. */
  readonly mood: {
    refreshMs: number;
    status: number;
    expiresIn: number;
    iss: string | undefined;
    deny: string | undefined;
  };
  /** Follows an authorization address as a browser with a willing person does; answers with the redirect address. */
  approve(address: string): Promise<string>;
}

/** A small authorization server that keeps to the rules: codes and refresh tokens work once, PKCE and redirect are checked. */
export async function authorizationServer(): Promise<AuthorizationServer> {
  const asked: Record<string, string>[] = [];
  const revoked: Record<string, string>[] = [];
  const script: Record<string, unknown>[] = [];
  const mood: AuthorizationServer["mood"] = {
    refreshMs: 0,
    status: 200,
    expiresIn: 3_600,
    iss: undefined,
    deny: undefined,
  };
  const codes = new Map<string, { challenge: string; redirect: string }>();
  const refreshTokens = new Set<string>();
  let count = 0;

  const json = (response: ServerResponse, status: number, body: unknown) =>
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));

  function grant(response: ServerResponse) {
    count += 1;
    const refresh = `refresh-${count}-${randomUUID()}`;
    refreshTokens.add(refresh);
    json(response, 200, {
      access_token: `access-${count}-${randomUUID()}`,
      refresh_token: refresh,
      token_type: "bearer",
      expires_in: mood.expiresIn,
      scope: "repo read:user",
    });
  }

  async function token(form: Record<string, string>, response: ServerResponse) {
    asked.push(form);
    if (mood.status !== 200)
      return json(response, mood.status, { error: "temporarily_unavailable", error_description: "planted-prose" });
    if (form["client_id"] !== "client-1") return json(response, 401, { error: "invalid_client" });
    if (form["grant_type"] === "refresh_token") {
      await new Promise((done) => setTimeout(done, mood.refreshMs));
      return refreshTokens.delete(form["refresh_token"] ?? "")
        ? grant(response)
        : json(response, 400, { error: "invalid_grant", error_description: "planted-prose" });
    }
    if (form["grant_type"] === "authorization_code") {
      const code = codes.get(form["code"] ?? "");
      codes.delete(form["code"] ?? "");
      const challenge = createHash("sha256")
        .update(form["code_verifier"] ?? "")
        .digest("base64url");
      return code && code.challenge === challenge && code.redirect === form["redirect_uri"]
        ? grant(response)
        : json(response, 400, { error: "invalid_grant" });
    }
    const step = script.shift();
    // As GitHub does: 200 with an error inside.
    return step ? json(response, 200, step) : grant(response);
  }

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "", "http://as");
    let text = "";
    request.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
    request.on("end", () => {
      const form = Object.fromEntries(new URLSearchParams(text));
      if (url.pathname === "/token") void token(form, response);
      else if (url.pathname === "/revoke") {
        revoked.push(form);
        response.writeHead(mood.status).end();
      } else if (url.pathname === "/device")
        json(response, 200, {
          device_code: "device-secret",
          user_code: "ABCD-EFGH",
          verification_uri: "https://example.test/device",
          interval: 5,
          expires_in: 900,
        });
      else if (url.pathname === "/authorize") {
        const back = new URL(url.searchParams.get("redirect_uri") ?? "");
        back.searchParams.set("state", url.searchParams.get("state") ?? "");
        if (mood.iss !== undefined) back.searchParams.set("iss", mood.iss);
        if (mood.deny === undefined) {
          const code = `code-${randomUUID()}`;
          codes.set(code, {
            challenge: url.searchParams.get("code_challenge") ?? "",
            redirect: url.searchParams.get("redirect_uri") ?? "",
          });
          back.searchParams.set("code", code);
        } else back.searchParams.set("error", mood.deny);
        response.writeHead(302, { location: back.href }).end();
      } else response.writeHead(404).end();
    });
  });
  const base = `http://127.0.0.1:${await listening(server)}`;
  return {
    asked,
    revoked,
    script,
    mood,
    service: {
      name: "Example",
      clientId: "client-1",
      scopes: ["repo", "read:user"],
      tokenEndpoint: `${base}/token`,
      deviceEndpoint: `${base}/device`,
      authorizeEndpoint: `${base}/authorize`,
      revokeEndpoint: `${base}/revoke`,
    },
    async approve(address) {
      const response = await fetch(address, { redirect: "manual" });
      return response.headers.get("location") ?? "";
    },
  };
}
