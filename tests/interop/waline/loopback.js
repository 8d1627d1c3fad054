// Loaded before Waline, which would listen on every interface of the machine: loopback only. What it is asked is logged.
const http = require('node:http');
const net = require('node:net');

const { listen } = net.Server.prototype;

net.Server.prototype.listen = function (first, ...rest) {
  const port = typeof first === 'object' && first !== null ? first.port : first;
  if (port === undefined || !/^\d+$/.test(String(port))) return listen.call(this, first, ...rest);
  const ready = rest.find((argument) => typeof argument === 'function');
  return listen.call(this, { port: Number(port), host: '127.0.0.1' }, ready);
};

const { emit } = http.Server.prototype;

http.Server.prototype.emit = function (event, ...rest) {
  if (event === 'request') console.log(`asked: ${rest[0].method} ${rest[0].url}`);
  return emit.call(this, event, ...rest);
};
