// Node-RED with one flow: http in, a function, http request.
const fs = require("node:fs");
const path = require("node:path");

const folder = process.env.SCRATCH;
fs.copyFileSync(path.join(__dirname, "node-red-flow.json"), path.join(folder, "flows.json"));
const settings = {
  uiPort: Number(process.env.PORT),
  uiHost: "127.0.0.1",
  httpAdminRoot: false,
  flowFile: "flows.json",
  logging: { console: { level: "error" } },
};
fs.writeFileSync(path.join(folder, "settings.js"), `module.exports = ${JSON.stringify(settings)};\n`);
process.argv.push("-u", folder);
require(path.join(__dirname, "node_modules", "node-red", "red.js"));
