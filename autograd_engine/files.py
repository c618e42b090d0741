"""Files that are written whole or not at all."""

import os
import secrets
import stat

__all__ = ["write_atomically"]


def write_atomically(path: str | os.PathLike[str], data: str | bytes) -> None:
    """Write a file, so that nobody ever sees half of it.

    The data goes into a temporary file beside it, which then takes its place. An existing file
    keeps its permissions, a symbolic link goes on pointing to the file, and a device or a pipe is
    written to directly.

    Parameters
    ----------
    path : str or path-like
    data : str or bytes
        Text is written as UTF-8.

    Raises
    ------
    OSError
        If the file cannot be written; it names the path that was given.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "note.txt")
    ...     write_atomically(path, "two")
    ...     path.read_text()
    'two'
    """
    encoded = data.encode() if isinstance(data, str) else data
    try:
        _write(os.path.realpath(path), encoded)
    except OSError as error:
        # Without the name of the temporary file, which would mean nothing to the caller.
        raise OSError(error.errno, error.strerror, os.fspath(path)) from None


def _write(target: str, data: bytes) -> None:
    permissions = None
    if os.path.exists(target):
        if not os.path.isfile(target) or not os.access(target, os.W_OK):
            # A device is no file to be replaced; and of what is a folder, or must not be written,
            # the system says so.
            with open(target, "wb") as file:
                file.write(data)
            return
        permissions = stat.S_IMODE(os.stat(target).st_mode)
    temporary = os.path.join(os.path.dirname(target), f".{secrets.token_hex(8)}.tmp")
    # Created by os.open, for the system to apply the umask.
    descriptor = os.open(
        temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666
    )
    try:
        with open(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        if permissions is not None:
            os.chmod(temporary, permissions)
        os.replace(temporary, target)
    except BaseException:
        os.unlink(temporary)
        raise
