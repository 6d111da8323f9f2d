// Node.js with its own net, dgram and dns modules. HTTP is answered on a plain socket, as by the other contenders.
const [scenario, portText] = process.argv.slice(2);
const port = Number(portText);
const net = require('net');

const chunk = Buffer.alloc(65536, 'x');
const greeting = '220 netmcu bench\r\n';
const response = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, world\n';
const end = Buffer.from('\r\n\r\n');

function pour(socket) {
  while (!socket.destroyed && socket.write(chunk)) ;
}

const serve = {
  echo: (socket) => socket.on('data', (data) => socket.write(data)),
  idle: (socket) => socket.on('data', (data) => {
    if (data.length === 1 && global.gc) global.gc();
    socket.write(data);
  }),
  sink: (socket) => socket.on('data', () => {}),
  source: (socket) => {
    socket.on('drain', () => pour(socket));
    pour(socket);
  },
  greet: (socket) => socket.end(greeting),
  http: (socket) => socket.on('data', (data) => {
    if (data.subarray(-4).equals(end)) socket.write(response);
  }),
};

function resolveForever() {
  const { Resolver } = require('dns');
  const resolver = new Resolver();
  let asked = 0;
  resolver.setServers([`127.0.0.2:${port}`]);
  const ask = () => resolver.resolve4(`n${asked++}.bench.test`, (error) => {
    if (error) throw error;
    ask();
  });
  for (let i = 0; i < 100; i++) ask();
}

if (scenario === 'udp') {
  const socket = require('dgram').createSocket('udp4');
  socket.on('message', (data, peer) => socket.send(data, peer.port, peer.address));
  socket.bind(port, '127.0.0.1');
} else if (scenario === 'dns') {
  resolveForever();
} else {
  net.createServer((socket) => {
    socket.setNoDelay(true);
    socket.on('error', () => {});
    serve[scenario](socket);
  }).listen(port, '127.0.0.1', 4096);
}
