"""What tests start in place of the process that helps to compile."""


class StandIn:
    """Stands for the process: remembers how it was ended."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def kill(self) -> None:
        self.calls.append("kill")

    def wait(self) -> None:
        self.calls.append("wait")
