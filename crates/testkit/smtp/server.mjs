// A mail server for tests. It takes every mail, unless it is told otherwise, and prints what it took.
//
//   node crates/testkit/smtp/server.mjs '{"port": 0, "secure": false, …}'
//
// It prints `Listening on ADDRESS`, and then one line of JSON for each mail. It reads one line of JSON for each answer
// that is not to be a kind one: {"stage": "rcpt", "code": 450, "text": "later"}, or {"stage": "data", "hang": true}.
//
// It needs `npm ci --ignore-scripts --prefix tools/npm` and no network.

import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const { SMTPServer } = createRequire(new URL("../../../tools/npm/package.json", import.meta.url))("smtp-server");
const wanted = JSON.parse(process.argv[2]);

// Answers that are not kind, each given once, in their order.
const rude = [];

// Answers a stage: kindly, or with what was asked for next.
function answer(stage, callback, kind) {
  const place = rude.findIndex((one) => one.stage === stage);
  if (place < 0) {
    return callback(null, kind);
  }
  const [next] = rude.splice(place, 1);
  if (next.hang) {
    return undefined;
  }
  const error = new Error(next.text);
  error.responseCode = next.code;
  return callback(error);
}

const server = new SMTPServer({
  secure: wanted.secure,
  key: wanted.key,
  cert: wanted.cert,
  authOptional: !wanted.user,
  allowInsecureAuth: !wanted.tls,
  disabledCommands: [...(wanted.tls ? [] : ["STARTTLS"]), ...(wanted.user ? [] : ["AUTH"])],
  hideSMTPUTF8: !wanted.utf8,
  disableReverseLookup: true,
  logger: false,
  onConnect: (_session, callback) => answer("connect", callback),
  onAuth: (login, _session, callback) => {
    const is_right = login.username === wanted.user && login.password === wanted.password;
    return is_right ? answer("auth", callback, { user: login.username }) : callback(new Error("5.7.8 no"));
  },
  onMailFrom: (_address, _session, callback) => answer("mail", callback),
  onRcptTo: (_address, _session, callback) => answer("rcpt", callback),
  onData: (stream, session, callback) => {
    const chunks = [];
    stream.on("data", (chunk) => chunks.push(chunk));
    stream.on("end", () => answer("data", (error, kind) => {
      if (!error) {
        const { mailFrom, rcptTo } = session.envelope;
        console.log(JSON.stringify({
          from: mailFrom.address,
          to: rcptTo.map((one) => one.address),
          hello: session.hostNameAppearsAs,
          secure: Boolean(session.secure),
          user: session.user ?? null,
          data: Buffer.concat(chunks).toString("base64"),
        }));
      }
      return callback(error, kind);
    }, "taken"));
  },
});

// Whoever breaks off is the test's business.
server.on("error", () => {});
createInterface({ input: process.stdin }).on("line", (line) => {
  rude.push(JSON.parse(line));
  console.log(JSON.stringify({ heard: rude.length }));
});
server.listen(wanted.port, "127.0.0.1", () => {
  console.log(`Listening on 127.0.0.1:${server.server.address().port}`);
});
