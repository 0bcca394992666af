export { type HttpOptions, type HttpServing, serveOverHttp } from "./serve-http.ts";
