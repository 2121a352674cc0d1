"""What a fault is: one small change of the code that some test must notice."""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Fault:
    """`old` stands once in the file `path`; `new` is put in its place. `says` names the mistake in a few words, `tests` the
    files of which at least one must fail then, the most likely first."""

    path: str
    old: str
    new: str
    says: str
    tests: tuple[str, ...]

    @property
    def there(self) -> tuple[str, ...]:
        """Its tests, without those that have been deleted with their topic."""
        return tuple(test for test in self.tests if (ROOT / test).is_file())
