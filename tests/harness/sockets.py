"""The server's side of a WebSocket, after the request line and headers of its handshake have been read."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from email.message import Message
from typing import Any

from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.server import ServerProtocol


class Spoken:
    """Messages are JSON."""

    def __init__(self, connection: socket.socket, path: str, headers: Message) -> None:
        self.connection, self.lock, self.protocol = connection, threading.Lock(), ServerProtocol()
        asked = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.protocol.receive_data(f"GET {path} HTTP/1.1\r\n{asked}\r\n".encode())
        (request,) = self.protocol.events_received()
        self.protocol.send_response(self.protocol.accept(request))  # type: ignore[arg-type]
        self._flush()

    def _flush(self) -> None:
        for data in self.protocol.data_to_send():
            if data:
                self.connection.sendall(data)

    def messages(self) -> Iterator[dict[str, Any]]:
        """What the browser says, until it goes."""
        while data := self.connection.recv(65536):
            with self.lock:
                self.protocol.receive_data(data)
                events = self.protocol.events_received()
                self._flush()
            for event in events:
                if isinstance(event, Frame) and event.opcode is Opcode.TEXT:
                    yield json.loads(event.data)
                if isinstance(event, Frame) and event.opcode is Opcode.CLOSE:
                    return

    def say(self, message: dict[str, Any]) -> None:
        """Raises OSError where the browser has gone, or is about to go."""
        with self.lock:
            if self.protocol.state is not State.OPEN:
                raise ConnectionError("the browser is going")
            self.protocol.send_text(json.dumps(message).encode())
            self._flush()
