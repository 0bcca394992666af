#!/usr/bin/env node
// Here rather than in dist, so that an install links the command also where nothing has been built yet.
import "./dist/bin.js";
