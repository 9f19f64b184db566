"""One outcome of people over windows: the Panel, its parts, and how it is read from frames and columns."""

from iom_causal.panel.layouts import Long, Wide
from iom_causal.panel.panel import Panel
from iom_causal.panel.where import Where

__all__ = ["Long", "Panel", "Where", "Wide"]
