import type { EmulatorServer } from "./emulated.ts";
import { pullPolicy } from "./pull-policy.ts";
import { tail } from "../tail.ts";

export async function emulatorContainer(image: string, port: number, args: string[]): Promise<EmulatorServer> {
  const { GenericContainer, Wait } = await import("testcontainers");
  let log = () => "";
  const container = await new GenericContainer(image)
    .withPullPolicy(await pullPolicy(image))
    .withExposedPorts({ container: 4000, host: port }, 4900)
    .withCommand([...args, "--host", "0.0.0.0", "--port", "4000", "--control", "4900"])
    .withLogConsumer((stream) => (log = tail(stream)))
    .withWaitStrategy(Wait.forLogMessage('"ready":true'))
    .start();
  return {
    url: `http://127.0.0.1:${port}`,
    control: `http://${container.getHost()}:${container.getMappedPort(4900)}`,
    mode: "containers",
    describe: image,
    logs: () => log(),
    stop: async () => void (await container.stop()),
  };
}
