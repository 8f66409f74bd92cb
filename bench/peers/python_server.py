"""
A peer: the server that today's tutorials lead to, in Python with websockets and numpy. Twilio's JSON in, one
task a call, a mix every 50 ms to everybody who listens, and a stereo WAV file a call. It has no timeline.

Usage: python3 python_server.py PORT FOLDER KEY
"""

import asyncio
import base64
import http
import json
import sys
import wave
from urllib.parse import parse_qs, urlsplit

import numpy
import websockets

PORT, FOLDER, KEY = int(sys.argv[1]), sys.argv[2], sys.argv[3]
FRAME = 400
FRAME_SECONDS = 0.05
MOST_QUEUED = 40 * FRAME


def _decoded(code):
    bits = ~code & 0xFF
    magnitude = (((bits & 0x0F) << 3) + 0x84 << ((bits & 0x70) >> 4)) - 0x84
    return -magnitude if bits & 0x80 else magnitude


DECODED = numpy.array([_decoded(code) for code in range(256)], dtype=numpy.int16)
SILENCE = numpy.zeros(FRAME, dtype=numpy.int16)


class Queue:
    """One side's audio on its way to the mixer, as mu-law bytes."""

    def __init__(self):
        self.codes = bytearray()

    def push(self, payload):
        self.codes += payload
        if len(self.codes) > MOST_QUEUED:
            del self.codes[: len(self.codes) - MOST_QUEUED]

    def take(self):
        if not self.codes:
            return SILENCE
        part = DECODED[numpy.frombuffer(bytes(self.codes[:FRAME]), dtype=numpy.uint8)]
        del self.codes[:FRAME]
        if len(part) == FRAME:
            return part
        return numpy.concatenate([part, SILENCE[len(part) :]])


class Call:
    def __init__(self, call_id, recorded):
        self.user, self.bot, self.listeners = Queue(), Queue(), set()
        self.file = None
        if recorded:
            self.file = wave.open(f"{FOLDER}/{call_id}.wav", "wb")
            self.file.setparams((2, 2, 8000, 0, "NONE", ""))
        self.task = asyncio.create_task(self.run())

    async def run(self):
        loop = asyncio.get_running_loop()
        # Holds 100 ms back, as Earshot does, and tells what is due by the clock.
        due = loop.time() + 0.1
        while True:
            due += FRAME_SECONDS
            await asyncio.sleep(max(0, due - loop.time()))
            self.tick()

    def tick(self):
        user, bot = self.user.take(), self.bot.take()
        total = user.astype(numpy.int32) + bot
        mix = numpy.clip(total, -32768, 32767).astype(numpy.int16).tobytes()
        if self.listeners:
            websockets.broadcast(self.listeners, mix)
        if self.file:
            self.file.writeframesraw(numpy.column_stack((user, bot)).tobytes())

    def end(self):
        self.task.cancel()
        if self.file:
            self.file.close()


calls = {}


async def ingest(socket):
    call = call_id = None
    try:
        async for text in socket:
            message = json.loads(text)
            if message["event"] == "media" and call:
                media = message["media"]
                side = call.user if media["track"] == "inbound" else call.bot
                side.push(base64.b64decode(media["payload"]))
            elif message["event"] == "start":
                start = message["start"]
                parameters = start["customParameters"]
                if parameters["token"] != KEY:
                    return await socket.close(1008)
                call_id = start["callSid"]
                call = calls[call_id] = Call(call_id, parameters["recording"] == "true")
    except websockets.ConnectionClosed:
        pass
    finally:
        if call:
            call.end()
            del calls[call_id]


async def handle(socket, path):
    parts = urlsplit(path).path.split("/")
    if parts[1] != "live":
        return await ingest(socket)
    call = calls[parts[2]]
    metadata = {"type": "metadata", "sampleRate": 8000, "channels": 1, "bitDepth": 16}
    await socket.send(json.dumps({**metadata, "sessionId": parts[2]}))
    call.listeners.add(socket)
    try:
        await socket.wait_closed()
    finally:
        call.listeners.discard(socket)


async def admit(path, headers):
    if headers.get("Upgrade", "").lower() != "websocket":
        return http.HTTPStatus.OK, [], b"ok"
    url = urlsplit(path)
    if url.path.startswith("/live/"):
        known = url.path.split("/")[2] in calls
        if not known or parse_qs(url.query).get("token") != [KEY]:
            return http.HTTPStatus.NOT_FOUND, [], b""
    return None


async def main():
    options = {"process_request": admit, "compression": None, "ping_interval": None}
    async with websockets.serve(handle, "127.0.0.1", PORT, **options):
        await asyncio.Future()


asyncio.run(main())
