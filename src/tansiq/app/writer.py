"""The one thread in which a served node decides, commits and is read.

Rules for the next editor:

1. Commands are decided in the order in which they came. What waits when a group begins is decided together, committed
   once, and answered after that, refusals too.
2. Nothing else touches the node while this thread runs.
3. When a commit fails, or a command fails in a way that it does not declare, nothing more is decided or answered:
   memory and disk may differ, the process has to end, and the next start reads the store.
"""

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from tansiq.errors import PartyError, PeerError
from tansiq.httpkit.problems import fault
from tansiq.limits import LIMITS
from tansiq.service.node import Decision, Node

Answer = TypeVar("Answer")
_REFUSED: Final = (PartyError, PeerError)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A command, or a look at what is committed; and who waits for the answer."""

    run: Callable[[Node], Any]
    changes: int
    """At most so many; 0 for a look."""
    waiting: Future[Any]


class Writer:
    """Decides what is asked of a node, from any thread."""

    def __init__(self, node: Node, *, changed: Callable[[], None], failed: Callable[[BaseException], None]) -> None:
        """`changed` is called after each commit that made something durable, `failed` once, when all is over."""
        self._node = node
        self._changed = changed
        self._failed = failed
        self._asked: queue.Queue[_Asked | None] = queue.Queue(LIMITS.commands_waiting)
        self._held: _Asked | None = None
        """What did not fit into the last group."""
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self.over = False
        """Whether a failure has ended everything."""
        self.commits = 0
        self.decided = 0

    def begin(self) -> None:
        """The thread runs."""
        self._thread.start()

    def ask(self, command: Callable[[Node], Decision[Answer]], *, changes: int = 1) -> Future[Answer]:
        """The command's answer, once it is durable; it changes at most so many things.

        Raises PartyError: busy. PeerError: not_served, once all is over; the answer may be that too.
        """
        return self._put(command, changes)

    def look(self, at: Callable[[Node], Answer]) -> Future[Answer]:
        """What a look at the node shows, of what is durable. Raises as `ask` does."""
        return self._put(at, 0)

    def end(self) -> None:
        """What was asked before is decided and durable, and the thread has ended."""
        self._asked.put(None)
        self._thread.join()

    def _put(self, run: Callable[[Node], Any], changes: int) -> Future[Any]:
        if self.over:
            raise fault()
        waiting: Future[Any] = Future()
        try:
            self._asked.put_nowait(_Asked(run, changes, waiting))
        except queue.Full as error:
            most = str(LIMITS.commands_waiting)
            raise PartyError("busy", "commands", f"more than {most} that wait", "fewer; ask again later") from error
        return waiting

    def _run(self) -> None:
        going = True
        while going:
            group, going = self._group()
            try:
                self._settle(group)
            except Exception as error:  # noqa: BLE001 - whatever it is, this node decides nothing any more
                self.over = True
                self._give_up([one.waiting for one in group])
                self._failed(error)
                return

    def _group(self) -> tuple[list[_Asked], bool]:
        """What waits; and whether there will be more."""
        first = self._held or self._asked.get()
        self._held = None
        if first is None:
            return [], False
        group, changes = [first], first.changes
        while len(group) < LIMITS.commands_per_commit:
            try:
                one = self._asked.get_nowait()
            except queue.Empty:
                break
            if one is None:
                return group, False
            changes += one.changes
            if changes > LIMITS.changes_per_commit:
                # The store would refuse the group, which would end the process: it is for the next one.
                self._held = one
                break
            group.append(one)
        return group, True

    def _settle(self, group: list[_Asked]) -> None:
        """Every command is decided and durable, and answered; then whoever looks is shown what is durable."""
        before = self._node.committed
        decisions: list[tuple[Future[Any], Decision[Any] | Exception]] = []
        for one in (one for one in group if one.changes):
            try:
                decisions.append((one.waiting, one.run(self._node)))
            except _REFUSED as refusal:
                decisions.append((one.waiting, refusal))
        self._node.commit()
        self.decided += len(decisions)
        self.commits += self._node.committed > before
        for waiting, decision in decisions:
            if isinstance(decision, Exception):
                _refuse(waiting, decision)
            elif waiting.set_running_or_notify_cancel():
                waiting.set_result(decision.answer)
        if self._node.committed > before:
            self._changed()
        for one in (one for one in group if not one.changes and one.waiting.set_running_or_notify_cancel()):
            try:
                one.waiting.set_result(one.run(self._node))
            except _REFUSED as refusal:
                one.waiting.set_exception(refusal)

    def _give_up(self, waiting: list[Future[Any]]) -> None:
        """Nobody who waits gets an answer that might not be durable."""
        while True:
            for one in waiting:
                if not one.done():
                    _refuse(one, fault())
            try:
                asked = self._asked.get_nowait()
            except queue.Empty:
                return
            waiting = [] if asked is None else [asked.waiting]


def _refuse(waiting: Future[Any], why: Exception) -> None:
    if waiting.running() or waiting.set_running_or_notify_cancel():
        waiting.set_exception(why)
