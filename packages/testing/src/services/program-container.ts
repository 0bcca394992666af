import { basename } from "node:path";
import { tail } from "../tail.ts";
import type { Program } from "./program.ts";
import { pullPolicy } from "./pull-policy.ts";
import type { Service } from "./service.ts";

const PORT = 8080;
// A container that ends at once has neither ports nor a log that anybody could still read.
const LINGER = 'node "$0"; code=$?; sleep 2; exit $code';

export async function programContainer(
  { name, file, env, ready, timeoutMs }: Program,
  image: string,
  port: number,
): Promise<Omit<Service, keyof AsyncDisposable>> {
  const { GenericContainer, Wait } = await import("testcontainers");
  const target = `/program/${basename(file)}`;
  let log = () => "";
  try {
    const container = await new GenericContainer(image)
      .withPullPolicy(await pullPolicy(image))
      .withExposedPorts({ container: PORT, host: port })
      .withCopyFilesToContainer([{ source: file, target, mode: 0o644 }])
      .withEnvironment({ ...env, HOST: "0.0.0.0", PORT: String(PORT) })
      .withCommand(["sh", "-c", LINGER, target])
      .withLogConsumer((stream) => (log = tail(stream)))
      .withWaitStrategy(
        Wait.forHttp(ready, PORT, { abortOnContainerExit: true }).forStatusCodeMatching((status) => status < 500),
      )
      .withStartupTimeout(timeoutMs)
      .start();
    return {
      url: `http://127.0.0.1:${port}`,
      mode: "containers",
      describe: image,
      logs: () => log(),
      stop: async () => void (await container.stop()),
    };
  } catch (error) {
    throw new Error(`${name} did not get ready in ${image}: ${(error as Error).message}\n${log()}`, { cause: error });
  }
}
