"""The lines that floods are made of, thousands at a time.

The wrapping of `drop open request` is learned from a line that the careful reader understood.
What reads lines in it is a loop in C where there is a compiler, else passes of numpy.  Law: both
and the careful reader come to the same.
"""

from dataclasses import dataclass, field

from floodwall.forensics.logs.envelope import Line
from floodwall.forensics.logs.found import Engine, Found
from floodwall.forensics.logs.passes import Passes
from floodwall.forensics.logs.scanner import scanner
from floodwall.forensics.logs.template import Template, template_of

_MOST_TEMPLATES = 8


def _engine() -> Engine:
    return scanner() or Passes()


@dataclass(slots=True)
class FastLines:
    """Reads blocks by the templates that it has learned."""

    templates: list[Template] = field(default_factory=list)
    engine: Engine = field(default_factory=_engine)

    def learn(self, raw: bytes, line: Line) -> None:
        """Take a line of the kernel that the careful reader trusted and understood."""
        if len(self.templates) < _MOST_TEMPLATES:
            template = template_of(raw, line)
            if template and template not in self.templates:
                self.templates.append(template)

    def doubts(self, hosts: set[bytes]) -> bool:
        """Tell whether there are templates of hosts whose kernel turned out to stamp its lines."""
        return any(not one.uptime and one.host in hosts for one in self.templates)

    def forget(self, hosts: set[bytes]) -> None:
        """Let those templates go."""
        self.templates = [one for one in self.templates if one.uptime or one.host not in hosts]

    def read(self, block: bytes) -> Found:
        """Return what all templates find; a line belongs to the first that fits."""
        return self.engine.read(block, self.templates)
