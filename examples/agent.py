"""A voice agent's connection to Earshot, in Python.

It brings a call's two sides into the server: the user's microphone in small pieces as it is spoken,
the bot's speech in large ones as a speech synthesizer makes it. Halfway the user interrupts the bot
(a barge-in).

    python3 examples/agent.py --key KEY [user.wav bot.wav]

Needs Python 3.9 and the package "websockets" (Debian: python3-websockets, else: pip install
websockets). Without WAV files (16 bit, mono) it makes two tones. Options, each also by environment:
--url (EARSHOT_URL, http://127.0.0.1:8000), --key (EARSHOT_KEY), --call (EARSHOT_CALL, an id of your
choice; without one the server makes it).
"""

import argparse
import array
import asyncio
import json
import math
import os
import sys
import time
import urllib.parse
import wave

import websockets
import websockets.exceptions

# The story of this call, in seconds since it began.
FRAME = 0.020
BOT_SPEAKS = 0.5
USER_SPEAKS = 2.5
CLEAR = 2.8  # a real agent needs a moment, too, to notice that the user speaks
END_AFTER = 0.7  # after the user's last word

# The first byte of every binary message says whose sound follows.
USER = b"\x00"
BOT = b"\x01"


async def main():
    options = read_options()
    user_rate, user = read_wav(options.wav[0]) if options.wav else make_tone(330, 2)
    bot_rate, bot = read_wav(options.wav[1]) if options.wav else make_tone(220, 8)

    # 1. Connect. With a recent package you may send the key in a header instead, where no log of
    # URLs keeps it: connect(url, additional_headers={"Authorization": "Bearer " + key}).
    query = urllib.parse.urlencode({"token": options.key})
    url = "ws" + options.url.removeprefix("http").rstrip("/") + "/ingest/pcm?" + query
    async with websockets.connect(url) as socket:
        # 2. Say what is coming: each side may have an encoding and a rate of its own.
        start = {
            "type": "start",
            "tracks": {
                "user": {"encoding": "pcm_s16le", "sampleRate": user_rate},
                "bot": {"encoding": "pcm_s16le", "sampleRate": bot_rate},
            },
            "media": {"live": True, "recording": True},
            "metadata": {"agent": "example", "direction": "inbound"},
        }
        if options.call:
            start["callId"] = options.call
        await socket.send(json.dumps(start))
        answer = json.loads(await socket.recv())
        if answer["type"] != "started":
            sys.exit(f"{answer.get('code')}: {answer.get('message')}")
        print("call", answer["callId"])
        print(f"listen at {answer['playerUrl']}?{query}", flush=True)

        # 3. The call. Every frame has its time from the start of the call, not from the frame
        # before: small delays then never add up.
        begun = time.monotonic()
        duration = USER_SPEAKS + len(user) / 2 / user_rate + END_AFTER
        for frame in range(round(duration / FRAME)):
            if frame == round(BOT_SPEAKS / FRAME):
                await speak(socket, bot_rate, bot, "Bot speaks.")
            if frame == round(CLEAR / FRAME):
                await socket.send(json.dumps({"type": "clear"}))
            await asyncio.sleep(begun + (frame + 1) * FRAME - time.monotonic())
            await socket.send(USER + microphone(user, user_rate, frame))

        # 4. Hang up. Leaving "async with" closes the socket once all that was sent has left.
        await socket.send(json.dumps({"type": "end", "reason": "hangup"}))


async def speak(socket, rate, pcm, text):
    """The bot's whole sentence at once, as it comes from a synthesizer: the server plays it in time."""
    transcript = {"track": "bot", "text": text}
    await socket.send(json.dumps({"type": "event", "name": "transcript", "data": transcript}))
    piece = rate * 2  # bytes of one second; a message may hold 1 MiB
    for at in range(0, len(pcm), piece):
        await socket.send(BOT + pcm[at : at + piece])


def microphone(pcm, rate, frame):
    """What the user's microphone hears in one frame: silence, unless the user speaks."""
    first = frame - round(USER_SPEAKS / FRAME)
    start, end = (2 * math.floor(n * rate * FRAME) for n in (first, first + 1))
    return pcm[start:end] if start >= 0 and end <= len(pcm) else bytes(end - start)


def make_tone(hertz, seconds, rate=16000):
    """A tone that comes and goes twice a second, as 16-bit little-endian samples."""
    samples = array.array("h")
    for i in range(rate * seconds):
        turns = 2 * math.pi * i / rate
        samples.append(int(8000 * math.sin(turns) ** 2 * math.sin(hertz * turns)))
    if sys.byteorder == "big":
        samples.byteswap()
    return rate, samples.tobytes()


def read_wav(path):
    with wave.open(path, "rb") as file:
        if (file.getnchannels(), file.getsampwidth()) != (1, 2):
            sys.exit(f"Cannot read {path}: not 16-bit mono PCM (sox can make it)")
        return file.getframerate(), file.readframes(file.getnframes())


def read_options():
    env = os.environ.get
    parser = argparse.ArgumentParser(description="Sends a call to Earshot.")
    parser.add_argument("--url", default=env("EARSHOT_URL", "http://127.0.0.1:8000"))
    parser.add_argument("--key", default=env("EARSHOT_KEY", ""))
    parser.add_argument("--call", default=env("EARSHOT_CALL", ""))
    parser.add_argument("wav", nargs="*", help="user.wav and bot.wav")
    options = parser.parse_args()
    if len(options.wav) not in (0, 2):
        parser.error("takes two WAV files or none")
    return options


try:
    asyncio.run(main())
except (OSError, websockets.exceptions.WebSocketException) as error:
    sys.exit(f"Connection failed: {error} (is the server up, the key right?)")
