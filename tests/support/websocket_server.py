"""A WebSocket server for the tests, with Python's websockets.

usage: websocket_server.py [FOLDER NAME]     over TLS, with NAME.pem and NAME.key of the folder

It prints its port. /echo sends a ping, then each message back, in parts if it is a long text, and
what it has got from the client at the end; /close closes with a reason.
"""
import asyncio
import ssl
import sys

import websockets


async def talk(socket):
    request = getattr(socket, "request", socket)
    if request.path == "/close":
        return await socket.close(1001, "going away")
    try:
        async for message in socket:
            await (await socket.ping(b"are you there"))
            if isinstance(message, str) and len(message) > 9:
                await socket.send([message[:3], "", message[3:]])
            else:
                await socket.send(message)
    except websockets.ConnectionClosedError:
        pass
    print("closed", socket.close_code, flush=True)


async def main(context):
    async with websockets.serve(talk, "127.0.0.1", 0, subprotocols=["chat"], max_size=None, ssl=context) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.Future()


context = None
if len(sys.argv) > 1:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(f"{sys.argv[1]}/{sys.argv[2]}.pem", f"{sys.argv[1]}/{sys.argv[2]}.key")
asyncio.run(main(context))
