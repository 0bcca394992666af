import type { Result } from "../result.ts";
import { launch } from "../stdio-client.ts";
import type { Contenders } from "./contenders.ts";

/** What a model pays for the list of tools in each session, at the level that everybody starts with. */
export async function benchList({ ours }: Contenders): Promise<Result[]> {
  const client = await launch(ours.launch);
  await client.close();
  return [
    {
      id: "pg-list",
      what: "tools/list, reading only",
      unit: "bytes",
      ours: client.listBytes,
      bar: { at: "≤", value: 6_000 },
    },
  ];
}
