import { attackBuiltServer } from "./suite.ts";

attackBuiltServer("filesystem corpus, our own cases", "more.json");
