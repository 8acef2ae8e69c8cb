// Preloaded into fluxlift: every way of node to reach another machine leaves a line in $SOCKET_LOG and fails.
const dgram = require("node:dgram");
const dns = require("node:dns");
const { appendFileSync } = require("node:fs");
const http2 = require("node:http2");
const net = require("node:net");

const refuse = (what) => () => {
  appendFileSync(process.env.SOCKET_LOG, `${what}\n`);
  throw new Error(`no network in this test: ${what}`);
};
net.Socket.prototype.connect = refuse("connect");
net.Server.prototype.listen = refuse("listen");
dgram.createSocket = refuse("udp");
http2.connect = refuse("http2");
for (const from of [dns, dns.promises]) {
  for (const name of ["lookup", "resolve", "resolve4", "resolve6"]) from[name] = refuse(name);
}
