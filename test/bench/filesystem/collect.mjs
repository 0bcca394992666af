// Preloaded into the server under test: SIGUSR2 forces a full collection.
process.on("SIGUSR2", () => globalThis.gc());
