import { compareServers } from "./compare-servers.ts";
import { compareTools } from "./compare-tools.ts";
import type { Change } from "./rules.ts";
import type { Surface } from "./surface.ts";

/** Every difference between two states of a server's surface. */
export function compareSurfaces(before: Surface, after: Surface): Change[] {
  return [...compareTools(before, after), ...compareServers(before, after)];
}
