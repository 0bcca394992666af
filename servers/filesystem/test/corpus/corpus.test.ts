import { attackBuiltServer } from "./suite.ts";

attackBuiltServer("filesystem corpus", "attacks.json");
