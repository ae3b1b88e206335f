"""Taking up a new build while serving: the new engine is there before the old one goes, so no request is dropped."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from kg.query.dataset import Dataset
from kg.query.pool import Pool

if TYPE_CHECKING:
    from collections.abc import Callable

    from kg.query.engine import Engine
    from kg.web.service import Service

_log = logging.getLogger("kg.web")

SECONDS_BETWEEN_LOOKS = 1.0
SECONDS_BEFORE_ANOTHER_TRY = 60.0


class Reloader:
    """Looks for a new build when told to, and every second if ``watch`` is set, in a thread of its own.

    Args:
        here: the service whose engine is exchanged.
        load: gives the dataset to serve now, or an engine; it is cheap to call.
        watch: whether to look without being told.

    """

    def __init__(self, here: Service, load: Callable[[], Dataset | Engine], *, watch: bool) -> None:
        self._service = here
        self._load = load
        self._watch = watch
        self._told = threading.Event()
        self._stopping = False
        # The build that could not be loaded, why, and until when it is not tried again.
        self._refused = self._complaint = ""
        self._patience = 0.0
        self._thread = threading.Thread(target=self._run, name="reload", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def reload(self) -> None:
        """Look now, also at a build that was refused before; returns at once."""
        self._refused = self._complaint = ""
        self._told.set()

    def stop(self) -> None:
        """Stop looking, after a look that is under way."""
        self._stopping = True
        self._told.set()
        self._thread.join()

    def look(self) -> bool:
        """Take up the build that is there now if it is another one, and tell whether it was.

        A build that cannot be read or loaded is logged once, and the old one is served on.
        """
        try:
            found = self._load()
            if not isinstance(found, Dataset) or found.digest == self._service.dataset.digest:
                return False
            if found.digest == self._refused and time.monotonic() < self._patience:
                return False
            self._refused, self._patience = found.digest, time.monotonic() + SECONDS_BEFORE_ANOTHER_TRY
            engine = Pool(found, self._service.settings.pool_limits)
        except Exception as error:
            # Whatever shape the files are in, whoever looks must live on to see the next ones.
            self._complain(str(error) or type(error).__name__)
            return False
        self._service.exchange(engine)
        self._refused = self._complaint = ""
        _log.info("serving build %s, %d triples", found.digest[:12], found.triples)
        return True

    def _complain(self, complaint: str) -> None:
        if complaint != self._complaint:
            self._complaint = complaint
            _log.error("the new build is not taken up: %s", complaint)

    def _run(self) -> None:
        while True:
            self._told.wait(SECONDS_BETWEEN_LOOKS if self._watch else None)
            if self._stopping:
                return
            self._told.clear()
            self.look()
