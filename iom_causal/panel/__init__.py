"""One outcome of people over windows: the Panel, its parts, and how it is read from frames."""

from iom_causal.panel.panel import Panel

__all__ = ["Panel"]
