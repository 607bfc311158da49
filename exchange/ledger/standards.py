"""What an act is called in three formats other tools read; the exporters themselves come later.

FHIR AuditEvent: type codes from DICOM PS3.16 (CID 400) or "rest", action C R U D E, outcome 0 (success) or 8 (serious
failure). OCSF: class_uid, activity_id and status_id (1 success, 2 failure). RFC 5424: facility 13 (log audit), severity
6 informational, 5 notice, 4 warning; MSGID is the tag itself, which is why a tag has at most 32 characters.
"""

from dataclasses import dataclass
from typing import Final

APPLICATION: Final = "110100"
LOG_USED: Final = "110101"
EXPORT: Final = "110106"
IMPORT: Final = "110107"
QUERY: Final = "110112"
SECURITY: Final = "110113"
SIGN_IN: Final = "110114"
REST: Final = "rest"

# Identity and access (category 3) and application activity (category 6) classes of OCSF.
ACCOUNT_CHANGE: Final = 3001
AUTHENTICATION: Final = 3002
AUTHORIZE_SESSION: Final = 3003
ENTITY: Final = 3004
USER_ACCESS: Final = 3005
LIFECYCLE: Final = 6002
DATASTORE: Final = 6005
FILES: Final = 6006

OTHER: Final = 99

INFORMATION: Final = 6
NOTICE: Final = 5
WARNING: Final = 4

SYSLOG_FACILITY: Final = 13


@dataclass(frozen=True)
class Codes:
    """One act in the three vocabularies."""

    fhir_type: str
    fhir_action: str
    ocsf_class: int
    ocsf_activity: int
    severity: int = INFORMATION
    failure: bool = False

    @property
    def fhir_outcome(self) -> str:
        """FHIR's outcome code: "0" success, "8" serious failure (the act was refused)."""
        return "8" if self.failure else "0"

    @property
    def ocsf_status(self) -> int:
        """OCSF's status_id: 1 success, 2 failure."""
        return 2 if self.failure else 1

    @property
    def ocsf_type(self) -> int:
        """OCSF's type_uid: class_uid * 100 + activity_id."""
        return self.ocsf_class * 100 + self.ocsf_activity

    @property
    def syslog_priority(self) -> int:
        """RFC 5424's PRIVAL: facility * 8 + severity."""
        return SYSLOG_FACILITY * 8 + self.severity
