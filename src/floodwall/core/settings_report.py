"""Settings of reports: who complains, and how others know the machine that was attacked."""

import re

from pydantic import field_validator
from pydantic.networks import IPvAnyAddress

from floodwall.core.declare import Section, declare

_LOCAL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}")  # RFC 5322 dot-atom, as HTML has it
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = re.compile(rf"(?=.{{4,253}}$){_LABEL}(?:\.{_LABEL})+")  # RFC 1123 section 2.1


class ReportPolicy(Section):
    """Who stands behind a report of an incident."""

    organisation: str = declare(
        "",
        "",
        "Who complains; without it no X-ARF report and no letter is made.",
        "X-ARF 4: reporter.org",
        max_length=200,
    )
    contact: str = declare(
        "",
        "",
        "E-mail address for questions; its domain stands for the organisation.",
        "X-ARF 4: reporter.contact",
        max_length=254,
    )
    addresses: tuple[IPvAnyAddress, ...] = declare(
        (),
        "",
        "Public addresses of this machine, for services that listen on all of them.",
        "empty: such a service is reported without its address",
        max_length=16,
    )

    @field_validator("organisation")
    @classmethod
    def _one_line(cls, text: str) -> str:
        if text and (not text.isprintable() or not text.strip()):
            raise ValueError("an organisation is one line of printable characters")
        return text

    @field_validator("contact")
    @classmethod
    def _mailbox(cls, text: str) -> str:
        local, _, domain = text.rpartition("@")
        if text and not (_LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain)):
            raise ValueError("must be an e-mail address like abuse@example.com")
        return text

    @property
    def domain(self) -> str:
        """Return the domain of the contact."""
        return self.contact.rpartition("@")[2]

    @property
    def complete(self) -> bool:
        """Tell whether somebody stands behind a complaint."""
        return bool(self.organisation and self.contact)
