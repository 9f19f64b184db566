"""Ask how much of a before/after change the programme did.

Names are loaded when they are first used; ``import iom_causal as iom`` itself loads next to nothing.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
__version__ = "0.1.0"
