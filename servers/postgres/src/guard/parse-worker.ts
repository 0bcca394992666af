import { parentPort } from "node:worker_threads";
import { answer, type Answered, type Asked, load } from "./answer.ts";

const port = parentPort;
await load();
// As text: a tree is deeper than what structured cloning can take in at the other end, and JSON.parse needs no stack.
port?.on("message", (asked: Asked) => {
  let text: string;
  try {
    text = JSON.stringify(answer(asked));
  } catch (error) {
    text = JSON.stringify({
      id: asked.id,
      broken: error instanceof Error ? error.message : "failed",
    } satisfies Answered);
  }
  port.postMessage(text);
});
