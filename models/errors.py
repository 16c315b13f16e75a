"""Every error that LiveShelf raises on purpose, drawn once. Needs nothing but Python.

LiveShelfError
├── TransientError     the world may be better in a moment: retried with backoff
├── BadEventError      this record or item can never work: dead-lettered with its cause
├── SettingsError      a setting, flag or file of settings is unknown or out of range
├── InputError         a user's file, URL, catalogue or image cannot be used
├── WeightsError       pretrained weights are missing, damaged or not what they claim to be
├── MismatchError      encoder, index and threshold do not belong together
└── ServiceError       the embedded broker or index server cannot be started or reached

`TransientError` and `BadEventError` decide the fate of a record in a running stage; anything else
crashes the process, which restarts from its last commit. On the command line every error here
is printed as one line and ends the command with its `exit_code`.
"""


class LiveShelfError(Exception):
    """Base of every error that LiveShelf raises on purpose."""

    exit_code = 1


class TransientError(LiveShelfError):
    """A dependency is away for a moment; the same call may work later."""

    exit_code = 75


class BadEventError(LiveShelfError):
    """This record or item can never be processed, however often it is tried."""

    exit_code = 65


class SettingsError(LiveShelfError):
    """A setting is unknown, malformed or out of its range."""

    exit_code = 78


class InputError(LiveShelfError):
    """A file, URL, catalogue row or image that the user named cannot be used."""

    exit_code = 66


class WeightsError(LiveShelfError):
    """Pretrained weights are missing, damaged or not what the registry says."""

    exit_code = 69


class MismatchError(LiveShelfError):
    """Encoder, index and threshold do not belong together."""

    exit_code = 70


class ServiceError(LiveShelfError):
    """The embedded broker or index server cannot be started or reached."""

    exit_code = 71
