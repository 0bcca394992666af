// Preloaded into the server under test: SIGUSR2 forces a full collection. The last-resort flavour also gives back the empty
// pages that V8 keeps in a pool, which a plain gc() leaves resident: what is left is what the server holds on to.
process.on("SIGUSR2", () => globalThis.gc({ type: "major", execution: "sync", flavor: "last-resort" }));
