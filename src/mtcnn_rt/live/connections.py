"""Limits the number of connections such that no sender can shut others out."""

from __future__ import annotations

import ipaddress
from asyncio import Task
from collections import Counter
from typing import Any


class Connections:
    """Holds the tasks of the open connections, up to a largest number.

    Where there is no room for one more, the address that has the most connections gives way with
    its oldest one.

    Args:
        most: The largest number.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._senders: dict[Task[Any], str] = {}  # in the order of their arrival

    def add(self, task: Task[Any], sender: str) -> None:
        """Adds a connection. The one that gives way, if any, is canceled."""
        if len(self._senders) >= self._most:
            self._end_oldest(self._greediest()[0])
        self._senders[task] = sender

    def add_fairly(self, task: Task[Any], sender: str) -> bool:
        """Adds a connection unless its address would then have as many as any other.

        Connections that are meant to last do not push out those of the same address.

        Returns:
            False if it was not added.
        """
        if len(self._senders) >= self._most:
            greediest, number = self._greediest()
            if number <= 1 + list(self._senders.values()).count(sender):
                return False
            self._end_oldest(greediest)
        self._senders[task] = sender
        return True

    def remove(self, task: Task[Any]) -> None:
        """Removes a connection, if it is there."""
        self._senders.pop(task, None)

    def _greediest(self) -> tuple[str, int]:
        return Counter(self._senders.values()).most_common(1)[0]

    def _end_oldest(self, sender: str) -> None:
        oldest = next(task for task, other in self._senders.items() if other == sender)
        del self._senders[oldest]
        oldest.cancel()


def sender_of(peer: object) -> str:
    """Returns the address of a peer, as far as it belongs to one sender.

    That is the network of 64 bits for IPv6, where a sender has all the addresses of it.

    Args:
        peer: The name that the socket gives for it: a tuple that begins with the address.
    """
    if not (isinstance(peer, tuple) and peer):
        return ""
    try:
        address = ipaddress.ip_address(str(peer[0]).partition("%")[0])
    except ValueError:
        return str(peer[0])
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((int(address) >> 64 << 64, 64)))
