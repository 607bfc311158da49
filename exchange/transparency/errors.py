"""Errors of the room `transparency`: one root, leaves where a caller acts differently."""

from typing import ClassVar


class TransparencyError(Exception):
    """Root of everything this room raises."""

    code: ClassVar[str] = "transparency_error"


class LogFormatError(TransparencyError):
    """Text or bytes of a log (note, checkpoint, key, tile, bundle, policy, proof) that are not its one spelling."""

    code = "log_format_malformed"


class ProofError(TransparencyError):
    """A well-formed inclusion or consistency proof that does not prove what it claims."""

    code = "log_proof_invalid"


class SignatureError(TransparencyError):
    """A signature by a key we know that does not verify, or one of the log's own two that is missing."""

    code = "log_signature_invalid"


class UnknownLogError(TransparencyError):
    """A checkpoint of a log for which the policy does not hold exactly one key of each of the two kinds."""

    code = "log_unknown"


class QuorumError(TransparencyError):
    """A checkpoint that the log signed, but too few of those the policy asks for."""

    code = "log_quorum_not_met"


class LogRangeError(TransparencyError):
    """An index or size that the tree asked about does not have."""

    code = "log_range"


class HeadMovedError(TransparencyError):
    """A size below the last signed one was to be signed: take the new head and ask again."""

    code = "log_head_moved"


class LogStopped(TransparencyError):
    """What the database holds does not extend what this log has signed: nothing more is signed or published.

    Only a person can decide how to go on (docs/spec/log-tree.md, "When the log stops").
    """

    code = "log_stopped"
