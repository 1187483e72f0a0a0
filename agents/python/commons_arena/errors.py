"""What goes wrong, with a code to tell it by."""


class ArenaError(Exception):
    """Something that the arena did not do, and why.

    `code` is one of the arena's (`bad-token`, `bad-action`, `not-reset`, ...; docs/agents.md has all of them), or one of
    this package's own: `unreachable`, `lost` (see `ConnectionLost`), `bad-frame`, `bad-message`.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{message} ({code})")
        self.code = code
        self.message = message


class ConnectionLost(ArenaError, ConnectionError):
    """The connection has ended: nothing more can be asked, and private environments are gone with it.

    `code` is `lost`, or the arena's where it said why: `revoked-token`, `not-reading`, `going-down`, ...
    """

    def __init__(self, message: str, code: str = "lost") -> None:
        super().__init__(code, message)
