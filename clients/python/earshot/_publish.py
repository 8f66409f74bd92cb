import asyncio
import json
import time
import uuid
from collections import deque
from typing import Any, Optional, Union

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

_USER, _BOT = 0, 1
# Messages of the server take 1 MiB at most.
_PIECE_BYTES = 1 << 16
# What waits for the socket; beyond it the oldest audio goes and is counted.
_MAX_WAITING_BYTES = 8 << 20
# A server discards a user's audio that is further ahead of time than this.
_MAX_USER_AGE = 1.0
_START_SECONDS = 5
# Long enough to replace a lost socket first.
_END_SECONDS = 12
# Together about the 10 s for which a server keeps a call whose socket was lost.
_RETRY_SECONDS = (0.1, 0.25, 0.5, 1, 1, 2, 2, 2)

_Message = Union[str, bytes]


class CallRefused(Exception):
    """The server refused the call, or could not be reached; `code` is its own, such as call_exists."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"Cannot start call: {message} ({code})")
        self.code = code


class Track:
    """One side of a call."""

    def __init__(self, call: "Call", number: int) -> None:
        self._call = call
        self._head = bytes([number])

    def write(self, audio: Union[bytes, bytearray, memoryview]) -> None:
        """Sends audio in the track's encoding, whole samples; never waits. The bytes are copied.

        The user's as it is spoken; the bot's as fast as it is there.
        """
        view = memoryview(audio).cast("B")
        for at in range(0, len(view), _PIECE_BYTES):
            self._call._put(self._head + view[at : at + _PIECE_BYTES])


class Call:
    """A call that this program publishes. A lost socket is replaced within about 10 s."""

    def __init__(self, url: str, key: str, id: Optional[str], start: dict[str, Any]) -> None:
        self.id = id or str(uuid.uuid4())
        self.user = Track(self, _USER)
        self.bot = Track(self, _BOT)
        self.listen_url = ""
        self.player_url = ""
        # Bytes of audio that were given up because there was no socket.
        self.dropped_bytes = 0
        self._url = url
        self._key = key
        self._start = {"type": "start", "callId": self.id, **start}
        self._waiting: deque[tuple[_Message, float]] = deque()
        self._waiting_bytes = 0
        self._wake = asyncio.Event()
        self._started = False
        self._task: Optional[asyncio.Task[None]] = None
        self._error: Optional[dict[str, Any]] = None
        self._over = False

    async def start(self) -> "Call":
        """Connects and begins. Raises CallRefused."""
        socket = await self._open()
        self._task = asyncio.create_task(self._run(socket))
        return self

    def clear(self) -> None:
        """Barge-in: what the bot has not yet spoken is never heard."""
        self._forget(lambda message, _: isinstance(message, bytes) and message[0] == _BOT)
        self._json(type="clear")

    def event(self, name: str, data: Any = None) -> None:
        """Keeps something with the call, at the present position."""
        self._json(type="event", name=name, data=data)

    def transcript(self, track: str, text: str) -> None:
        """A line of the transcript, as the player shows it."""
        self.event("transcript", {"track": track, "text": text})

    def pause(self) -> None:
        """Redaction: time goes on, nothing is heard or kept."""
        self._json(type="pause")

    def resume(self) -> None:
        self._json(type="resume")

    async def end(self, reason: str = "hangup") -> None:
        """Ends the call once all that was written has left. May be called again."""
        if self._task is None:
            return
        self._json(type="end", reason=reason)
        _, pending = await asyncio.wait([self._task], timeout=_END_SECONDS)
        for task in pending:
            task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._over = True

    async def __aenter__(self) -> "Call":
        return await self.start()

    async def __aexit__(self, *_: object) -> None:
        await self.end()

    def _json(self, **message: Any) -> None:
        self._put(json.dumps(message))

    def _put(self, message: _Message) -> None:
        if self._over:
            return
        self._waiting.append((message, time.monotonic()))
        self._waiting_bytes += len(message)
        while self._waiting_bytes > _MAX_WAITING_BYTES:
            oldest = next((i for i, (m, _) in enumerate(self._waiting) if isinstance(m, bytes)), 0)
            gone = len(self._waiting[oldest][0])
            del self._waiting[oldest]
            self._waiting_bytes -= gone
            self.dropped_bytes += gone
        self._wake.set()

    def _forget(self, is_gone: Any) -> None:
        self._waiting = deque(entry for entry in self._waiting if not is_gone(*entry))
        self._waiting_bytes = sum(len(message) for message, _ in self._waiting)

    async def _open(self) -> ClientConnection:
        start = {**self._start, **({"resume": True} if self._started else {})}
        try:
            socket = await connect(
                self._url, additional_headers={"Authorization": f"Bearer {self._key}"}
            )
        except InvalidStatus as error:
            code = "unauthorized" if error.response.status_code == 401 else "connection_lost"
            raise CallRefused(code, f"HTTP {error.response.status_code}") from None
        except (OSError, TimeoutError) as error:
            raise CallRefused("connection_lost", str(error)) from None
        try:
            await socket.send(json.dumps(start))
            answer = json.loads(await asyncio.wait_for(socket.recv(), _START_SECONDS))
        except (ConnectionClosed, asyncio.TimeoutError) as error:
            await socket.close()
            raise CallRefused("connection_lost", str(error)) from None
        if answer["type"] != "started":
            await socket.close()
            raise CallRefused(answer.get("code", "unknown"), answer.get("message", ""))
        self._started = True
        self.listen_url, self.player_url = answer["listenUrl"], answer["playerUrl"]
        return socket

    async def _run(self, socket: Optional[ClientConnection]) -> None:
        try:
            while socket is not None:
                send = asyncio.create_task(self._send(socket))
                await self._read(socket)
                send.cancel()
                await asyncio.gather(send, return_exceptions=True)
                code = socket.close_code
                await socket.close()
                fatal = self._error is not None and self._error.get("code") != "call_exists"
                socket = None if code == 1000 or fatal else await self._again()
        finally:
            self._over = True
            self._waiting.clear()

    async def _again(self) -> Optional[ClientConnection]:
        for seconds in _RETRY_SECONDS:
            await asyncio.sleep(seconds)
            try:
                socket = await self._open()
            except CallRefused as error:
                if error.code not in ("connection_lost", "call_exists"):
                    return None
                continue
            oldest = time.monotonic() - _MAX_USER_AGE
            before = self._waiting_bytes
            self._forget(lambda m, at: isinstance(m, bytes) and m[0] == _USER and at < oldest)
            self.dropped_bytes += before - self._waiting_bytes
            return socket
        return None

    async def _read(self, socket: ClientConnection) -> None:
        try:
            async for text in socket:
                message = json.loads(text)
                # These two are told without closing: the chunk alone was discarded.
                if message.get("type") == "error" and message.get("code") not in (
                    "bot_queue_full",
                    "user_audio_ahead",
                ):
                    self._error = message
        except ConnectionClosed:
            pass

    async def _send(self, socket: ClientConnection) -> None:
        while True:
            while self._waiting:
                entry = self._waiting[0]
                await socket.send(entry[0])  # a message that did not leave stays the first
                if self._waiting and self._waiting[0] is entry:
                    self._waiting.popleft()
                    self._waiting_bytes -= len(entry[0])
            self._wake.clear()
            await self._wake.wait()
