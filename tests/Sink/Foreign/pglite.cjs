// PGlite, PostgreSQL compiled to WebAssembly, with TimescaleDB, behind a TCP port: node pglite.cjs FOLDER_OF_THE_PACKAGE
// Prints "listening PORT" and serves until its standard input ends. All connections share the one backend there is, in turns: what stands between two
// answers "ready for query" is one turn. A connection that closes gives back its role and locks. COPY does not work.
"use strict";
const path = require("node:path");
const net = require("node:net");

const folder = process.argv[2];
const { PGlite } = require(path.join(folder, "dist", "index.cjs"));
const { timescaledb } = require(path.join(folder, "dist", "timescaledb", "index.cjs"));
const SSL_REQUEST = 80877103;
const TERMINATE = "X".charCodeAt(0);
// Parse, Bind, Describe, Execute and Close wait for the Sync that ends them.
const UNFINISHED = new Set([..."PBDEC"].map(kind => kind.charCodeAt(0)));

/** A message of the protocol: its kind, its length, its parts. */
function message(kind, ...parts) {
  const body = Buffer.concat(parts.map(part => (typeof part === "number" ? Buffer.from([part >>> 24, part >>> 16, part >>> 8, part]) : Buffer.from(part))));
  const head = Buffer.alloc(5, kind);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

// A login is answered here: the backend takes it for a start in another database.
const settings = { server_version: "17.5", server_encoding: "UTF8", client_encoding: "UTF8", DateStyle: "ISO, MDY", TimeZone: "GMT", integer_datetimes: "on", standard_conforming_strings: "on" };
const welcome = Buffer.concat([
  message("R", 0),
  ...Object.entries(settings).map(([name, value]) => message("S", `${name}\0${value}\0`)),
  message("K", 1, 1),
  message("Z", "I"),
]);

/** The first whole message in the bytes, or null. The first of a connection has no kind before its length. */
function messageIn(bytes, head) {
  if (bytes.length < head + 4) return null;
  const length = head + bytes.readInt32BE(head);
  return bytes.length < length ? null : bytes.subarray(0, length);
}

(async () => {
  const database = await PGlite.create({ extensions: { timescaledb } });
  let last = Promise.resolve();
  const server = net.createServer(socket => {
    let pending = Buffer.alloc(0);
    let started = false;
    let waiting = [];
    const inTurn = work => {
      last = last.then(work).catch(failure => {
        console.error(failure);
        socket.destroy();
      });
    };
    socket.on("data", data => {
      pending = Buffer.concat([pending, data]);
      for (let message; (message = messageIn(pending, started ? 1 : 0)); ) {
        pending = pending.subarray(message.length);
        if (!started && message.readInt32BE(4) === SSL_REQUEST) {
          socket.write("N");
        } else if (started && message[0] === TERMINATE) {
          socket.end();
        } else if (!started) {
          started = true;
          socket.write(welcome);
        } else {
          waiting.push(new Uint8Array(message));
          if (!UNFINISHED.has(message[0])) {
            const messages = waiting;
            waiting = [];
            inTurn(async () => {
              // A copy: what it gives is a view of memory that the next message writes over.
              for (const bytes of messages) socket.write(Buffer.from(await database.execProtocolRaw(bytes)));
            });
          }
        }
      }
    });
    socket.on("close", () => inTurn(() => database.exec("RESET ROLE; SELECT pg_advisory_unlock_all()")));
    socket.on("error", () => socket.destroy());
  });
  server.listen(0, "127.0.0.1", () => console.log(`listening ${server.address().port}`));
  process.stdin.resume().on("end", () => process.exit(0));
})();
