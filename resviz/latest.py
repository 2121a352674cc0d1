"""A thread-safe dictionary that keeps the most recently used values."""

from __future__ import annotations

from threading import RLock
from typing import Any, TypeVar

from cachetools import Cache, LRUCache

K = TypeVar("K")
V = TypeVar("V")


class Latest(LRUCache[K, V]):
    """A dictionary of at most `maxsize` values that drops the least recently used first. Safe to use from several threads."""

    def __init__(self, maxsize: int) -> None:
        self.lock = RLock()
        super().__init__(maxsize)

    def __getitem__(self, key: K) -> V:
        with self.lock:
            return super().__getitem__(key)

    def __setitem__(self, key: K, value: V) -> None:
        with self.lock:
            super().__setitem__(key, value)

    def __delitem__(self, key: K) -> None:
        with self.lock:
            super().__delitem__(key)

    def get(self, key: K, default: Any = None) -> Any:
        with self.lock:
            return super().get(key, default)

    def pop(self, key: K, *default: Any) -> Any:
        with self.lock:
            return super().pop(key, *default)

    def clear(self) -> None:
        with self.lock:
            super().clear()

    def pairs(self) -> list[tuple[K, V]]:
        """All keys with their current values; reading them here does not count as a use."""
        with self.lock:
            return [(key, Cache.__getitem__(self, key)) for key in self]
