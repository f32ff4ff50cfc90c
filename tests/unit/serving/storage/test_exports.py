from __future__ import annotations

import inspect

from serving import storage
from serving.storage import errors


def test_every_error_is_exported() -> None:
    classes = (thing for thing in vars(errors).values() if inspect.isclass(thing))
    own = {thing.__name__ for thing in classes if thing.__module__ == errors.__name__}
    assert own <= set(storage.__all__)


def test_everything_exported_exists_in_order() -> None:
    assert sorted(storage.__all__) == storage.__all__
    assert all(hasattr(storage, name) for name in storage.__all__)
