// Compiles the contracts beside it; each file has one of its own name, whose creation bytecode goes to NAME.hex.
//
//   node crates/testkit/contracts/build.mjs           writes
//   node crates/testkit/contracts/build.mjs --check   compares, and ends with 1 where a file is stale or missing
//
// It needs `npm ci --ignore-scripts --prefix tools/npm` and no network.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const here = new URL("./", import.meta.url);
const solc = createRequire(new URL("../../../tools/npm/package.json", import.meta.url))("solc");

const names = readdirSync(here).filter((file) => file.endsWith(".sol")).map((file) => file.slice(0, -4)).sort();

const output = JSON.parse(solc.compile(JSON.stringify({
  language: "Solidity",
  sources: Object.fromEntries(names.map((name) => [`${name}.sol`, { content: read(`${name}.sol`) }])),
  settings: {
    // The oldest rules that all chains of this kind keep.
    evmVersion: "london",
    optimizer: { enabled: true, runs: 200 },
    // Without the digest of the source, a comment can be mended without a new bytecode.
    metadata: { appendCBOR: false, bytecodeHash: "none" },
    outputSelection: { "*": { "*": ["evm.bytecode.object"] } },
  },
})));

const complaints = output.errors ?? [];
if (complaints.length > 0) {
  fail(complaints.map((complaint) => complaint.formattedMessage).join("\n"));
}

const compiled = names.map((name) => [`${name}.hex`, `${output.contracts[`${name}.sol`][name].evm.bytecode.object}\n`]);
if (process.argv.includes("--check")) {
  const stale = compiled.filter(([file, hex]) => read(file) !== hex).map(([file]) => file);
  if (stale.length > 0) {
    fail(`stale: ${stale.join(", ")}; run node crates/testkit/contracts/build.mjs`);
  }
} else {
  compiled.forEach(([file, hex]) => writeFileSync(new URL(file, here), hex));
}

function read(file) {
  try {
    return readFileSync(new URL(file, here), "utf8");
  } catch (error) {
    if (error.code === "ENOENT") return "";
    throw error;
  }
}

function fail(text) {
  console.error(text);
  process.exit(1);
}
