"""The window: four panes, one engine, and what holds them together."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Literal

from textual import on
from textual.app import App, ComposeResult, SystemCommand
from textual.binding import BindingType
from textual.events import Resize
from textual.filter import LineFilter, Monochrome
from textual.reactive import var
from textual.screen import ModalScreen, Screen
from textual.widgets import ContentSwitcher
from textual.worker import Worker, WorkerState

from core.errors import UserError
from core.messages import Notice
from tui import commands, keep, keys
from tui.colourless import Colourless
from tui.engine import Engine, News
from tui.help import HelpScreen
from tui.memory import Memory
from tui.notes.glossary import Term
from tui.notes.pages import GLOSSARY
from tui.panes import ASIDE, PANES
from tui.panes.pane import TOAST, Pane
from tui.state import Status, Told
from tui.text import Guard, one_line
from tui.widgets.footer import Keys
from tui.widgets.header import Header
from tui.widgets.look_up import LookUp
from tui.widgets.note_picker import NotePicker
from tui.widgets.problem import Problem
from tui.widgets.status import StatusLine
from tui.widgets.too_small import TooSmall, too_small

if TYPE_CHECKING:
    from tui.panes.train import TrainPane


class LookbothApp(App[None]):
    """The lab. It owns the engine and the panes; every pane owns what is in it."""

    TITLE = "Lookboth"
    CSS_PATH = "app.tcss"
    CLOSE_TIMEOUT = 0.2
    COMMANDS = App.COMMANDS | {commands.Actions}
    BINDINGS: ClassVar[list[BindingType]] = keys.WINDOW
    status: var[Status] = var(Status)

    def __init__(self, engine: Engine | None = None) -> None:
        super().__init__()
        self.engine = engine or Engine()
        self.engine.on_news = self._news
        self.memory = Memory()
        self.guard = Guard()
        self.before = "compare"
        """The last of the four panes that was in front."""
        self.problem: Problem | None = None
        self.buried: Problem | None = None
        """The problem that the death of the engine is; what it advises changes when another engine starts."""

    def compose(self) -> ComposeResult:
        yield Header([(pane, title) for pane, (title, _) in PANES.items()])
        yield ContentSwitcher(id="panes")
        yield StatusLine()
        yield Keys()

    def on_load(self) -> None:
        """Remember before anything is styled."""
        keep.recall(self)

    async def on_mount(self) -> None:
        """Show the first pane; the engine starts after the first paint."""
        await self.action_show("compare")
        self.call_after_refresh(self._start, self.engine.start)
        self.set_interval(keep.SAVING, partial(keep.save, self))

    def on_resize(self, event: Resize) -> None:
        """Cover a window that is too small; the cover goes by itself when there is room again."""
        if too_small(event.size) and not isinstance(self.screen, TooSmall):
            self.push_screen(TooSmall())

    def get_line_filters(self) -> Sequence[LineFilter]:
        """The filters every rendered line goes through; the one for what comes from outside is the last."""
        wanted = (Colourless() if isinstance(one, Monochrome) else one for one in super().get_line_filters())
        return [*wanted, self.guard]

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """What Textual itself offers and no binding of ours does."""
        yield SystemCommand("lookboth: theme", "Change the colours; remembered.", self.action_change_theme)
        yield SystemCommand("lookboth: screenshot", "Save the window as SVG.", self.deliver_screenshot)

    @property
    def window(self) -> Screen[object]:
        """The screen with the panes, whatever dialog lies over it."""
        return self.screen_stack[0]

    @property
    def pane(self) -> Pane:
        """The pane in front."""
        return self.window.query_one("#panes > .-front", Pane)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A dialog keeps the keys to itself; models are chosen only where some answer."""
        if action == "models" and self.screen_stack and self.window.query("#panes > .-front"):
            return self.pane.MODELS and not isinstance(self.screen, ModalScreen)
        if action == "claim" and self.screen_stack and self.window.query("#panes > .-front"):
            return bool(self.pane.BEARS_ON) and not isinstance(self.screen, ModalScreen)
        return action not in keys.UNDER or not isinstance(self.screen, ModalScreen)

    async def action_show(self, pane: str) -> None:
        """Bring a pane to the front, making it on the first visit."""
        switcher = self.window.query_one("#panes", ContentSwitcher)
        if not switcher.query(f"#{pane}"):
            await switcher.add_content((PANES | ASIDE)[pane][1]())
        if pane in PANES:
            self.before = pane
        for one in switcher.query(Pane):
            one.set_class(one.id == pane, "-front")
        switcher.current = pane
        self.window.query_one(Header).mark(pane)
        if rest := self.pane.rest():
            rest.focus()
        self.pane.shown()
        self.paint()

    async def action_back(self) -> None:
        """From what stands aside to the last of the four panes."""
        await self.action_show(self.before)

    def action_leave(self) -> None:
        """From a text field back to where the focus rests; from there, cancel what runs."""
        rest = self.pane.rest()
        if rest and not rest.has_focus:
            rest.focus()
        else:
            self.pane.give_up()

    async def on_train_pane_open_model(self, event: TrainPane.OpenModel) -> None:
        await self.action_show(event.pane)
        self.pane.open_model(event.reference)

    @on(Pane.Said)
    def paint(self) -> None:
        """Bring the header and the status line up to date."""
        if not self.screen_stack:  # the window is closing
            return
        pane = self.pane
        heard = self.status.phase == "ready" or (self.status.phase == "starting" and pane.open)
        line = (pane.status() if heard else "") or self.status.line or "ready"
        self.window.query_one(StatusLine).say(line, self.status.phase == "starting" or bool(pane.open))
        self.window.query_one(Header).place(pane.models, self.status.where)

    def action_help(self) -> None:
        self.push_screen(HelpScreen(self.pane.TITLE, self.pane.ABOUT, self.pane.LEGEND, commands.every(self)))

    def action_restart(self) -> None:
        self._start(self.engine.restart)

    def _start(self, how: Callable[[], Awaitable[None]]) -> None:
        self.status = self.status.starting() if self.status.phase == "died" else Status("starting")
        self.run_worker(self._starting(how), group="engine", exclusive=True)

    async def _starting(self, how: Callable[[], Awaitable[None]]) -> None:
        try:
            await how()
        except UserError as error:
            self.status = Status("died", error.what.rstrip("."))
            self.fail(Problem.of(error))

    def _news(self, news: News) -> None:
        self.post_message(Told(news))

    @on(Told)
    def _told(self, event: Told) -> None:
        if isinstance(event.news, Notice):
            self._noticed(event.news)
        else:
            self.status = self.status.told(event.news)

    def _noticed(self, notice: Notice) -> None:
        """What is as it should be goes to the status line, where it covers nothing."""
        if notice.level != "info":
            self.say(notice.text, notice.level)
        elif self.status.phase == "ready":
            self.status = replace(self.status, note=notice.text)

    def watch_status(self, status: Status) -> None:
        """Tell every pane."""
        if status.phase == "died" or (status.cause and self.buried and self.buried is self.problem):
            self.problem = self.buried = Problem(*status.obituary)
        if self.screen_stack and self.window.query(".-front"):
            for pane in self.window.query(Pane):
                pane.engine_changed(status)
            self.paint()

    def say(self, text: str, severity: Literal["information", "warning", "error"] = "information") -> None:
        """Tell the person something in passing."""
        self.notify(one_line(text), markup=False, severity=severity, timeout=TOAST)

    def fail(self, problem: Problem, quiet: bool = False) -> None:
        """Show an error on a screen of its own; quietly, only when `!` asks for it."""
        self.problem = problem
        if not quiet and not isinstance(self.screen, Problem):
            self.push_screen(problem)

    def action_trouble(self) -> None:
        if self.problem:
            self.push_screen(Problem(**self.problem.parts))
        else:
            self.say("Nothing has gone wrong yet.")

    @on(Worker.StateChanged)
    def _worker(self, event: Worker.StateChanged) -> None:
        if event.state == WorkerState.ERROR and event.worker.error is not None:
            self.fail(Problem.bug(event.worker.error))

    def action_models(self) -> None:
        self.pane.choose_models()

    def action_glossary(self) -> None:
        """Look a word up; enter reads it in the notes."""

        async def read(term: Term | None) -> None:
            if term is not None:
                await self.open_note(GLOSSARY, term.name)

        self.push_screen(LookUp(), read)

    async def action_claim(self) -> None:
        """To the claim that the pane in front bears on; where there are several, one of them is chosen."""
        claims = self.pane.BEARS_ON
        if len(claims) == 1:
            await self.open_note(*claims)
        elif claims:
            self.push_screen(NotePicker("Claims that this screen bears on", [*claims.items()]), self.open_note)

    async def open_note(self, key: str | None, start: str = "") -> None:
        """Read a note, at the piece that begins with `start`; None leaves everything as it is."""
        from tui.panes.notes import NotesPane

        if key is None:
            return
        await self.action_show("notes")
        self.window.query_one(NotesPane).open_note(key, start)

    def action_copy(self) -> None:
        self.run_worker(keep.copy(self), group="copy")

    def action_export(self) -> None:
        self.run_worker(keep.export(self), group="export")

    async def action_quit(self) -> None:
        """Save, end the engine, and name the trainings that go on: all in under a second."""
        self.exit(message=await keep.farewell(self))
