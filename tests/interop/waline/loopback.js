// Loaded before Waline, which would listen on every interface of the machine: loopback only.
const net = require('node:net');

const listen = net.Server.prototype.listen;

net.Server.prototype.listen = function (first, ...rest) {
  const port = typeof first === 'object' && first !== null ? first.port : first;
  if (port === undefined || !/^\d+$/.test(String(port))) return listen.call(this, first, ...rest);
  const ready = rest.find((argument) => typeof argument === 'function');
  return listen.call(this, { port: Number(port), host: '127.0.0.1', exclusive: true }, ready);
};
