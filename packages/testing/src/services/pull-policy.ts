import type { ImagePullPolicy } from "testcontainers";

/** Images of scripts/ensure-images.sh are here or nowhere; asking a registry for them would only blur the error. */
export function isLocalOnly(image: string): boolean {
  return image.startsWith("mooring-test/");
}

export async function pullPolicy(image: string): Promise<ImagePullPolicy> {
  const { PullPolicy } = await import("testcontainers");
  return isLocalOnly(image) ? PullPolicy.neverPull() : PullPolicy.defaultPolicy();
}
