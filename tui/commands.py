"""Every action of the window: for the command palette, and for the help screen that is made of the same list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from textual.binding import Binding
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.dom import DOMNode

if TYPE_CHECKING:
    from tui.app import LookbothApp


class Action(NamedTuple):
    """Something a key does: where it belongs, and the node that does it."""

    section: str
    node: DOMNode
    binding: Binding

    @property
    def title(self) -> str:
        """As in the palette: `compare: difference`."""
        return f"{self.section.lower()}: {self.binding.description.lower()}"


def of(node: DOMNode, section: str) -> Iterator[Action]:
    """The actions of one node: its bindings that carry an id, those of its base classes last."""
    seen = set()
    for owner in type(node).__mro__:
        for binding in Binding.make_bindings(vars(owner).get("BINDINGS", ())):
            if binding.id and binding.id not in seen:
                seen.add(binding.id)
                yield Action(section, node, _with_all_keys(owner, binding))


def _with_all_keys(owner: type, binding: Binding) -> Binding:
    """`make_bindings` yields one binding a key; this one names all keys of the action."""
    keys = [one.key for one in Binding.make_bindings(vars(owner)["BINDINGS"]) if one.id == binding.id]
    return binding.with_key(",".join(keys), binding.key_display)


def every(app: LookbothApp) -> list[Action]:
    """What can be done now: in the pane in front, in its widgets, and everywhere."""
    pane = app.pane
    found = list(of(pane, pane.TITLE))
    seen = {action.binding.id for action in found}
    for widget in pane.query("*"):
        if widget.can_focus and widget.display:
            new = [action for action in of(widget, pane.TITLE) if action.binding.id not in seen]
            seen.update(action.binding.id for action in new)
            found += new
    return [*found, *of(app, "Lookboth")]


class Actions(Provider):
    """The actions as hits of the command palette."""

    def _all(self) -> Iterator[tuple[str, str, Callable[[], object]]]:
        from tui.app import LookbothApp

        app = self.app
        assert isinstance(app, LookbothApp)
        for action in every(app):
            run = partial(app.run_action, action.binding.action, action.node)
            yield action.title, action.binding.tooltip, run

    async def discover(self) -> Hits:
        """All of them, while nothing is typed."""
        for title, about, run in self._all():
            yield DiscoveryHit(Content(title), run, text=title, help=about)

    async def search(self, query: str) -> Hits:
        """Those whose title or explanation fits."""
        matcher = self.matcher(query)
        for title, about, run in self._all():
            score = max(matcher.match(title), 0.5 * matcher.match(about))
            if score > 0:
                yield Hit(score, matcher.highlight(title), run, text=title, help=about)
