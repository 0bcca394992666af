import { parentPort } from "node:worker_threads";
import { answer, type Asked, load } from "./answer.ts";

const port = parentPort;
await load();
port?.on("message", (asked: Asked) => port.postMessage(answer(asked)));
