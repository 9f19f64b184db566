"""Build backend: hatchling, with one sentence where Python is older than the package can do with."""

import sys

if sys.version_info < (3, 12):  # noqa: UP036 it is there for those whom it does not concern
    sys.exit(
        "iom-causal needs Python 3.12 or later, and this is {}.{}; install a newer one, and make the environment "
        "with it: python3.12 -m venv .venv".format(*sys.version_info[:2])
    )

from hatchling.build import *  # noqa: F403
