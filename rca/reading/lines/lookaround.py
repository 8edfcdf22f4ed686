r"""Looks at the neighbour, turned into what a pattern in linear time can say, or refused.

The decision hidden here: a look is only removed where that changes nothing. `(?![0-9])` before a blank says nothing
new; `(?<!\w)` before a letter is `\b`; `(?!")[^ ]+` is `[^ "][^ ]*`; `(?!TCP|UDP)\w+` is spelled out letter by letter;
a look at the end of a pattern becomes a condition on the rest of the line. Everything else is refused, because a
pattern that takes more than its author meant reads lines as what they are not.

References:
    pcre2pattern(3), "Assertions".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import product

from rca.reading.lines.pattern_tree import (
    ANY,
    EDGE,
    ONCE,
    Branch,
    Group,
    Look,
    Mark,
    Node,
    Piece,
    Times,
    UntranslatableError,
    written,
)

__all__ = ["closed", "without_looks", "words"]

_ALL = ANY | EDGE
_WORD = sum(1 << ord(c) for c in "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")
_NOT_WORD = _ALL & ~_WORD
_REST = Piece(".", ANY, times=Times(0, None))
_MOST_WORDS = 256


def closed(branch: Branch) -> Branch:
    """The branch, anchored at both ends: what it leaves of the line goes into a group `rest`, so that nothing is lost."""
    nodes = list(branch)
    if not (nodes and isinstance(nodes[0], Mark) and nodes[0].text == "^"):
        nodes.insert(0, Mark("^"))
    if _is_closed(nodes[-1]):
        return tuple(nodes)
    if _takes_the_rest(nodes[-1]):
        return (*nodes, Mark("$"))
    return (*nodes, Group(((_REST,),), "rest"), Mark("$"))


def _is_closed(node: Node) -> bool:
    if isinstance(node, Group) and node.times == ONCE:
        return all(branch and _is_closed(branch[-1]) for branch in node.branches)
    return isinstance(node, Mark) and node.text == "$"


def _takes_the_rest(node: Node) -> bool:
    if isinstance(node, Group) and node.times == ONCE and len(node.branches) == 1 and node.branches[0]:
        return _takes_the_rest(node.branches[0][-1])
    return node == _REST


def without_looks(branch: Branch) -> Branch:
    """The branch, which must be closed, without looks at the neighbour, taking the same lines.

    Raises:
        UntranslatableError: a look says something that cannot be said otherwise.
    """
    return _settle(branch, EDGE, EDGE)


def _settle(branch: Branch, before: int, after: int) -> Branch:
    """The branch without looks, where `before` and `after` are what can stand around it."""
    nodes = list(branch)
    at = len(nodes) - 1
    while at >= 0:  # from the right, so that what follows a look is already settled
        node = nodes[at]
        earlier, later = _last(nodes[:at], before), _first(nodes[at + 1 :], after)
        if isinstance(node, Group):
            again = node.times.high != 1
            inner_before = earlier | (_last([node], 0) if again else 0)
            inner_after = later | (_first([node], 0) if again else 0)
            if _has_look(node):
                settled = tuple(_settle(b, inner_before, inner_after) for b in node.branches)
                nodes[at] = replace(node, branches=settled)
        elif isinstance(node, Look):
            nodes[at:] = _replaced(node, nodes[at + 1 :], earlier, later, after)
        at -= 1
    return tuple(nodes)


def _has_look(node: Node) -> bool:
    if isinstance(node, Group):
        return any(_has_look(inner) for branch in node.branches for inner in branch)
    return isinstance(node, Look)


def _replaced(look: Look, following: list[Node], earlier: int, later: int, after: int) -> list[Node]:
    """What stands for a look and what follows it."""
    if not look.is_negative and any(_is_nullable(b) and not _has_mark(b) for b in look.branches):
        return following
    chars = _one_of(look.branches)
    if chars is not None:
        allowed = _ALL & ~chars if look.is_negative else chars
        near, far = (earlier, later) if look.is_behind else (later, earlier)
        if not near & ~allowed:
            return following
        for one_side, other_side in ((_WORD, _NOT_WORD), (_NOT_WORD, _WORD)):
            if allowed == one_side and not far & ~other_side:
                return [Mark("\\b"), *following]
        if not look.is_behind:
            narrowed = _narrowed(following, allowed, after)
            if narrowed is not None:
                return narrowed
    elif not look.is_behind:
        if not look.is_negative and (rest := _rest_only(following)) is not None:
            inside = (Group(look.branches), _REST)
            return [replace(rest, branches=(inside,)), *following[1:]]
        refused = words(look.branches) if look.is_negative else None
        spelled = _spelled_out(refused, following, after) if refused else None
        if spelled is not None:
            return spelled
    raise UntranslatableError(f"the look {'back' if look.is_behind else 'ahead'} {look.text}")


def _rest_only(following: Sequence[Node]) -> Group | None:
    """The group that takes the rest of the line, where nothing but it follows."""
    if len(following) == 2 and isinstance(following[0], Group) and following[0].branches == ((_REST,),):
        return following[0]
    return None


def _has_mark(branch: Branch) -> bool:
    return any(
        isinstance(n, Mark) or (isinstance(n, Group) and any(_has_mark(b) for b in n.branches))
        for n in branch
    )


def _is_nullable(branch: Iterable[Node]) -> bool:
    return all(_may_be_empty(node) for node in branch)


def _may_be_empty(node: Node) -> bool:
    if isinstance(node, Piece):
        return node.times.low == 0
    if isinstance(node, Group):
        return node.times.low == 0 or any(_is_nullable(b) for b in node.branches)
    return True


def _first(nodes: Sequence[Node], after: int) -> int:
    """A superset of what the nodes can begin with, where `after` follows them."""
    return _outermost(nodes, after, "$", reverse=False)


def _last(nodes: Sequence[Node], before: int) -> int:
    """A superset of what the nodes can end with, where `before` precedes them."""
    return _outermost(nodes, before, "^", reverse=True)


def _outermost(nodes: Sequence[Node], beyond: int, edge: str, *, reverse: bool) -> int:
    found = 0
    for node in reversed(nodes) if reverse else nodes:
        if isinstance(node, Mark) and node.text == edge:
            return found | EDGE
        if isinstance(node, Piece):
            found |= node.chars
        elif isinstance(node, Group):
            for branch in node.branches:
                found |= _outermost(branch, 0, edge, reverse=reverse)
        if not _may_be_empty(node):
            return found
    return found | beyond


def _one_of(branches: Sequence[Branch]) -> int | None:
    """The set of characters that branches of one character each are; an anchor is the edge. None for anything else."""
    found = 0
    for branch in branches:
        if len(branch) != 1:
            return None
        node = branch[0]
        if isinstance(node, Mark) and node.text in "^$":
            found |= EDGE
        elif isinstance(node, Piece) and node.is_exact and node.times == ONCE:
            found |= node.chars
        elif isinstance(node, Group) and node.times == ONCE and (inner := _one_of(node.branches)) is not None:
            found |= inner
        else:
            return None
    return found


def _narrowed(nodes: Sequence[Node], allowed: int, after: int) -> list[Node] | None:
    """The nodes, beginning only with what is `allowed`; None where that cannot be said."""
    if not nodes:
        return None
    node, following = nodes[0], list(nodes[1:])
    if not _first([node], _first(following, after)) & ~allowed:
        return list(nodes)
    if isinstance(node, Mark):
        inner = _narrowed(following, allowed, after) if node.text != "$" else None
        return None if inner is None else [node, *inner]
    if isinstance(node, Group) and node.times == ONCE:
        beyond = _first(following, after)
        branches: list[Branch] = []
        for branch in node.branches:
            inside = _narrowed(branch, allowed, beyond)
            if inside is None:
                return None
            branches.append(tuple(inside))
        return [replace(node, branches=tuple(branches)), *following]
    if not isinstance(node, Piece) or not node.is_exact:
        return None
    times = node.times
    kept = node.chars & allowed
    if (times.high not in (1, None) or times.low > 1) or not kept:
        return None
    head: list[Node] = [Piece(written(kept), kept)]
    if times.high is None:
        head.append(replace(node, times=Times(0, None, is_lazy=times.is_lazy)))
    if times.low == 0:
        if _first(following, after) & ~allowed:
            return None
        return [Group((tuple(head),), times=Times(0, 1, is_lazy=times.is_lazy)), *following]
    return [*head, *following]


def _spelled_out(refused: Sequence[str], nodes: Sequence[Node], after: int) -> list[Node] | None:
    """The nodes, not beginning with a refused word; only where they begin with a run of one class that cannot stop early."""
    if not nodes:
        return None
    if isinstance(nodes[0], Group) and nodes[0].times == ONCE and len(nodes[0].branches) == 1:
        beyond = _first(nodes[1:], after)
        inside = _spelled_out(refused, nodes[0].branches[0], beyond)
        return None if inside is None else [replace(nodes[0], branches=(tuple(inside),)), *nodes[1:]]
    run = _run(nodes)
    if run is None:
        return None
    first, later, used, minimum = run
    if later != ANY and _first(nodes[used:], after) & later:
        return None
    for word in refused:
        if not word or not all(_holds(later if n else first, c) for n, c in enumerate(word)):
            return None
    return [*_avoiding(refused, first, later, minimum), *nodes[used:]]


def _run(nodes: Sequence[Node]) -> tuple[int, int, int, int] | None:
    """First class, later class, nodes used and least length of a greedy run at the beginning of the nodes."""
    node = nodes[0]
    if not isinstance(node, Piece) or not node.is_exact or node.times.is_lazy:
        return None
    if node.times.high is None and node.times.low <= 1:
        return node.chars, node.chars, 1, node.times.low
    following = nodes[1] if len(nodes) > 1 else None
    if node.times == ONCE and isinstance(following, Piece) and following.times == Times(0, None):
        return (node.chars, following.chars, 2, 1) if following.is_exact else None
    return None


def _holds(chars: int, one: str) -> bool:
    return bool(one.isascii() and chars >> ord(one) & 1)


def _avoiding(refused: Sequence[str], first: int, later: int, minimum: int) -> list[Node]:
    """A run that does not begin with a refused word, letter by letter."""
    branches: list[Branch] = []
    leading: dict[str, list[str]] = {}
    for word in refused:
        leading.setdefault(word[0], []).append(word[1:])
    other = first & ~sum(1 << ord(one) for one in leading)
    if other:
        branches.append((Piece(written(other), other), Piece(written(later), later, times=Times(0, None))))
    for one, rests in sorted(leading.items()):
        if "" not in rests:
            text = "\\" + one if one in r".^$*+?{}[]\|()" else one
            branches.append((Piece(text, 1 << ord(one)), *_avoiding(rests, later, later, 0)))
    return [Group(tuple(branches), times=Times(minimum, 1))]


def words(branches: Sequence[Branch], most: int = _MOST_WORDS) -> list[str] | None:
    """All texts that the branches take, in their order; None where there are more than `most` or no end of them.

    >>> from rca.reading.lines.dialect import Flavour, parse
    >>> words(parse("^(?:ERR(?:OR)?|[FS])$", Flavour.PCRE))
    ['ERROR', 'ERR', 'F', 'S']
    """
    found: list[str] = []
    for branch in branches:
        choices: list[list[str]] = []
        size = 1
        for node in branch:
            options = _options(node, most)
            if options is None:
                return None
            size *= max(len(options), 1)
            if size > most:
                return None
            choices.append(options)
        found.extend("".join(parts) for parts in product(*choices))
        if len(found) > most:
            return None
    return list(dict.fromkeys(found))


def _options(node: Node, most: int) -> list[str] | None:
    if isinstance(node, Mark):
        return [""]
    if isinstance(node, Look):
        return None
    if isinstance(node, Piece):
        if not node.is_exact or node.chars > (1 << 128) - 1:
            return None
        once: list[str] | None = [chr(c) for c in range(128) if node.chars >> c & 1]
        if node.times == ONCE and len(once or ()) == 2 and len({c.lower() for c in once or ()}) == 1:
            once = (once or [])[:1] if node.text.isupper() else (once or [])[1:]
    else:
        once = words(node.branches, most)
    if once is None or node.times.high is None or len(once) ** node.times.high > most:
        return None
    counts = range(node.times.high, node.times.low - 1, -1)
    return ["".join(parts) for count in counts for parts in product(once, repeat=count)]
