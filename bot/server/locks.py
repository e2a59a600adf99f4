"""One lock a key, kept only while somebody holds it or waits for it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class _Counted:
    lock: threading.Lock = field(default_factory=threading.Lock)
    users: int = 0


class KeyedLocks:
    """Serialises work on the same key; different keys never wait for each other."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._locks: dict[str, _Counted] = {}

    def __len__(self) -> int:
        return len(self._locks)

    @contextmanager
    def held(self, key: str) -> Iterator[None]:
        """Hold the lock of `key`."""
        with self._guard:
            counted = self._locks.setdefault(key, _Counted())
            counted.users += 1
        try:
            with counted.lock:
                yield
        finally:
            with self._guard:
                counted.users -= 1
                if counted.users == 0:
                    del self._locks[key]
