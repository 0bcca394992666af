import { type HttpApi, HttpApiError, type HttpApiRequest } from "@mooring/core";

/** An API that answers what it is told to, by method and path, and remembers what it was sent. */
export function fakeApi(answers: Readonly<Record<string, unknown>>) {
  const sent: Partial<HttpApiRequest>[] = [];
  const nothing = new HttpApiError("Example", 404, "Nothing there");
  const api: HttpApi = {
    async send({ method, path, query, headers, body }) {
      sent.push(JSON.parse(JSON.stringify({ method, path, query, headers, body })) as Partial<HttpApiRequest>);
      const answer = answers[`${method} ${path}`] ?? nothing;
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
  const deps = {
    api,
    // begin: samples
    pollMs: 10,
    // end: samples
  };
  return { deps, sent };
}
