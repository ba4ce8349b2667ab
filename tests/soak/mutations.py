"""What can go wrong with a plan on its way: in its structure, in its bytes, in its packing."""

import gzip
import json
import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

Node = Any
"""A JSON value whose objects are `Members`, so that a key can stand in one twice, and which may hold a `Raw`."""
Slot = tuple[list[Any], int]
"""A list and a place in it: of an array the item, of an object's members the pair."""


@dataclass
class Members:
    """An object: its keys and values in order."""

    pairs: list[tuple[str, Node]]


@dataclass(frozen=True)
class Raw:
    """Text that stands in the JSON as it is."""

    text: str


LONG_BYTES: Final = 200_000
"""What grows past this is cut, so that a soak spends its time on many inputs."""
MOST_NODES: Final = 5_000
"""What has more is not repeated any more, for the same reason."""
KEYS: Final = (
    "altitude_lower", "altitude_upper", "center", "details", "format", "half_width", "id", "intents", "kind", "lat",
    "line", "lng", "manager", "name", "off_nominal_volumes", "operational_intent", "outline_circle",
    "outline_corridor", "outline_polygon", "party", "priority", "radius", "reference", "time_end", "time_start",
    "units", "value", "vertices", "volume", "volumes",
    "", "x", "a`b`", "$.x", "\ud800", "\x00", "x" * 300,
)  # fmt: skip
WORDS: Final = (
    "M", "KM", "NM", "FT", "FL", "m", "W84", "AMSL", "AGL", "SFC", "RFC3339", "air", "sea", "ground", "?",
    "tansiq-plan/1", "tansiq-plan/2", "", " ", "NaN", "1", "\ud800", "\udfff\ud83d", "\x00", "`", "x" * 201, "\ufeff",
    "0000-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:60Z",
    "2030-02-30T00:00:00Z", "2030-01-15T24:00:00Z", "2030-01-15T10:00:00+00:00", "2030-01-15t10:00:00z",
    "٢٠٣٠-01-15T10:00:00Z", "2030-01-15T10:00:00." + "0" * 5000 + "1Z",
)  # fmt: skip
NUMBERS: Final = (
    "0", "-0.0", "1", "-1", "0.1", "1e-320", "5e-324", "1e15", "1e308", "-1e308", "1e400", "-1e999", "NaN", "Infinity",
    "-Infinity", "9007199254740993", "9223372036854775807", "9223372036854775808", "18446744073709551615",
    "18446744073709551616", "-9223372036854775808", "-9223372036854775809", "1" + "0" * 30, "9" * 308, "9" * 400,
    "9" * 4300, "9" * 4301, "0." + "3" * 5000, "1e-5000", "90", "90.00000000000001", "-90", "180", "-180",
    "180.00000000000003", "1E5", "100.0", "01", "1.", "+1", "0x10", "1_000",
)  # fmt: skip
BYTES: Final = (
    b"{", b"}", b"[", b"]", b",", b":", b'"', b"\\", b"\n", b"\r", b"\0", b"\xff", b"\xc0\x80", b"\xed\xa0\x80",
    b"\xef\xbb\xbf", b"\xe2\x80\xa8", b"\x1f\x8b", b"NaN", b"null", b"/**/", b"\\u", b"\\ud800",
)  # fmt: skip


# ----------------------------------------------------------------------------------------------------------- structure


def parsed(text: str) -> tuple[list[Node], bool]:
    """The values of a plan's text, and whether it is JSON Lines."""
    try:
        return [json.loads(text, object_pairs_hook=Members)], False
    except json.JSONDecodeError:
        return [json.loads(line, object_pairs_hook=Members) for line in text.split("\n") if line.strip()], True


def dumped(node: Node) -> str:
    """The node as JSON, but for what is `Raw`."""
    match node:
        case Raw(text):
            return text
        case Members(pairs):
            return "{" + ",".join(f"{json.dumps(key)}:{dumped(value)}" for key, value in pairs) + "}"
        case list():
            return "[" + ",".join(map(dumped, node)) + "]"
    return json.dumps(node)


def restructured(rng: random.Random, text: str, times: int) -> str:
    """The plan's text after so many changes to its structure."""
    values, lines = parsed(text)
    for _ in range(times):
        slots = slots_of(values)
        if slots:
            rng.choice(_CHANGES)(rng, rng.choice(slots), slots)
    return ("\n" if lines else "").join(map(dumped, values))


def slots_of(values: list[Node]) -> list[Slot]:
    """Every place in the values where a node stands."""
    found: list[Slot] = []
    lists: list[list[Any]] = [values]
    while lists:
        holder = lists.pop()
        for i in range(len(holder)):
            found.append((holder, i))
            node = _held(found[-1])
            if isinstance(node, Members):
                lists.append(node.pairs)
            elif isinstance(node, list):
                lists.append(node)
    return found


def _held(slot: Slot) -> Node:
    holder, i = slot
    return holder[i][1] if isinstance(holder[i], tuple) else holder[i]


def _put(slot: Slot, node: Node) -> None:
    holder, i = slot
    holder[i] = (holder[i][0], node) if isinstance(holder[i], tuple) else node


def _delete(_rng: random.Random, slot: Slot, _all: list[Slot]) -> None:
    holder, i = slot
    del holder[i]


def _double(rng: random.Random, slot: Slot, _all: list[Slot]) -> None:
    holder, i = slot
    holder.insert(rng.randrange(len(holder) + 1), holder[i])


def _rename(rng: random.Random, slot: Slot, _all: list[Slot]) -> None:
    holder, i = slot
    if isinstance(holder[i], tuple):
        key = holder[i][0]
        holder[i] = (rng.choice([rng.choice(KEYS), key[:-1], key.upper(), key + " "]), holder[i][1])


def _replace(rng: random.Random, slot: Slot, _all: list[Slot]) -> None:
    _put(slot, _odd(rng))


def _odd(rng: random.Random) -> Node:
    sort = rng.randrange(10)
    if sort < 3:
        return Raw(rng.choice(NUMBERS))
    if sort < 5:
        return rng.choice(WORDS)
    if sort == 5:
        depth = rng.choice([3, 300, rng.randrange(800, 1_050), 20_000])
        left, right = rng.choice([("[", "]"), ('{"a":', "}"), ('[{"volume":', "}]")])
        return Raw(left * depth + "1" + right * depth)
    return rng.choice([None, True, False, [], Members([]), [[]], [None], Members([("lat", 0), ("lng", 0)])])


def _swap(rng: random.Random, slot: Slot, slots: list[Slot]) -> None:
    other = rng.choice(slots)
    mine, theirs = _held(slot), _held(other)
    # A node that came to lie inside itself could not be written down.
    if not _holds(mine, theirs) and not _holds(theirs, mine):
        _put(slot, theirs)
        _put(other, mine)


def _copy(rng: random.Random, slot: Slot, slots: list[Slot]) -> None:
    node = _held(rng.choice(slots))
    if not _holds(node, _held(slot)):
        _put(slot, node)


def _holds(outer: Node, inner: Node) -> bool:
    """Whether the inner node is the outer one or lies inside it."""
    return outer is inner or any(_held(slot) is inner for slot in slots_of([outer]))


def _nudge(rng: random.Random, slot: Slot, slots: list[Slot]) -> None:
    """A number a little or far off."""
    numbers = [s for s in slots if isinstance(_held(s), int | float) and not isinstance(_held(s), bool)]
    target = rng.choice(numbers) if numbers else slot
    value = _held(target)
    if not isinstance(value, int | float):
        return
    ways: list[Callable[[], float]] = [
        lambda: value * 10.0 ** rng.randrange(-12, 13),
        lambda: -value,
        lambda: math.nextafter(value, rng.choice([-math.inf, math.inf])),
        lambda: value + rng.choice([-360, -180, -90, 90, 180, 360, 1e-9, 1e-7]),
        lambda: round(value),
    ]
    try:
        _put(target, rng.choice(ways)())
    except (OverflowError, ValueError):
        _put(target, Raw("1e400"))


def _stretch(rng: random.Random, slot: Slot, slots: list[Slot]) -> None:
    """A list turned round, mixed, repeated, shortened or emptied."""
    lists = [_held(s) for s in slots if isinstance(_held(s), list)]
    node = rng.choice(lists) if lists else slot[0]
    way = rng.randrange(6)
    if way == 0:
        node.reverse()
    elif way == 1:
        rng.shuffle(node)
    elif way == 2:
        node.append(node[0] if node else None)
    elif way == 3:
        del node[rng.randrange(len(node) + 1) :]
    elif way == 4:
        node *= rng.choice([2, 2, 3, 10]) if len(slots) < MOST_NODES else 1
    else:
        node[:] = node[rng.randrange(len(node) + 1) :] + node[: rng.randrange(len(node) + 1)]


def _wrap(rng: random.Random, slot: Slot, _all: list[Slot]) -> None:
    node = _held(slot)
    _put(slot, rng.choice([[node], Members([(rng.choice(KEYS), node)]), json.dumps(dumped(node)[:100])]))


_CHANGES: Final[tuple[Callable[[random.Random, Slot, list[Slot]], None], ...]] = (
    *[_delete, _double, _rename, _swap, _copy, _stretch, _wrap],
    *[_replace] * 4,
    *[_nudge] * 3,
)


# --------------------------------------------------------------------------------------------------------------- bytes


def damaged(rng: random.Random, content: bytes) -> bytes:
    """The content after a few changes to its bytes."""
    found = bytearray(content)
    for _ in range(rng.choice([1, 1, 2, 5])):
        if found:
            _damage(rng, found)
    return bytes(found[:LONG_BYTES])


def _damage(rng: random.Random, content: bytearray) -> None:
    at = rng.randrange(len(content))
    to = min(len(content), at + rng.choice([1, 1, 2, 10, 1_000]))
    way = rng.randrange(8)
    if way == 0:
        del content[at:]
    elif way == 1:
        del content[at:to]
    elif way == 2:
        content[at:at] = content[at:to]
    elif way == 3:
        content[at] ^= 1 << rng.randrange(8)
    elif way == 4:
        content[at:at] = rng.choice(BYTES)
    elif way == 5:
        content[at : at + 1] = rng.choice(BYTES)
    elif way == 6:
        content[at:at] = rng.randbytes(rng.choice([1, 4, 50]))
    else:
        content[:] = rng.choice([_as_utf16, _twice, _shouted, _with_mark])(bytes(content))


def _as_utf16(content: bytes) -> bytes:
    return content.decode("utf-8", "replace").encode("utf-16")


def _twice(content: bytes) -> bytes:
    return content + b"\n" + content


def _shouted(content: bytes) -> bytes:
    return content.upper()


def _with_mark(content: bytes) -> bytes:
    return b"\xef\xbb\xbf" + content


def packed(rng: random.Random, content: bytes, room: int) -> bytes:
    """The content as gzip: whole, in parts, damaged, twice over, or far larger than the room once unpacked."""
    whole = gzip.compress(content, 1, mtime=0)
    way = rng.randrange(6)
    if way == 0:
        cut = rng.randrange(len(content) + 1)
        return gzip.compress(content[:cut], mtime=0) + gzip.compress(content[cut:], mtime=0) + b"\0" * rng.randrange(9)
    if way == 1:
        return damaged(rng, whole)
    if way == 2:
        return gzip.compress(whole, mtime=0)
    if way == 3:
        return gzip.compress(b" " * (room + rng.choice([-1, 0, 1, 3 * room])), mtime=0)
    if way == 4:
        return gzip.compress(b"", mtime=0) * rng.choice([98, 99, 100, 101, 500]) + whole
    return whole
