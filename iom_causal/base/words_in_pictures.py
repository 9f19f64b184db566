"""Short texts in a picture, each where it hides least."""

from typing import TYPE_CHECKING, Any, NamedTuple

from matplotlib.text import Annotation, Text
from matplotlib.transforms import Bbox

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.backend_bases import RendererBase

OUTSIDE, ON_WORDS, ON_A_LINE = 100.0, 10.0, 1.0
"""What a place costs: by the part of the text outside the axes, by each text and by each line under it."""


class Place(NamedTuple):
    """Where a text may stand.

    Attributes
    ----------
    at : (float, float)
        What it is beside, in the coordinates of the text.
    away : (float, float)
        Points between the two.
    ha, va : str
        Which side of the text is there.
    """

    at: tuple[float, float]
    away: tuple[float, float]
    ha: str
    va: str


class Words(Annotation):
    """A text at the first of its places at which it hides least: lines, other texts, the legend and the edges.

    It is placed anew whenever it is drawn, so that the axes may be changed after it.

    Parameters
    ----------
    ax : Axes
        In which it stands.
    text : str
        What it says.
    places : sequence of Place
        In order of preference.
    coords : (str, str)
        Coordinates of the places.
    style : dict
        Of the text.
    """

    def __init__(self, ax: "Axes", text: str, places: "Sequence[Place]", coords: Any, **style: Any) -> None:
        super().__init__(text, places[0].at, (0, 0), xycoords=coords, textcoords="offset points", **style)
        self.places = tuple(places)
        self.placing = False
        ax.add_artist(self)

    def update_positions(self, renderer: "RendererBase") -> None:
        """Put it at its best place; matplotlib asks for this whenever it draws or measures."""
        if self.placing:  # a legend that looks for the best place asks where texts are
            super().update_positions(renderer)
            return
        self.placing = True
        costs = [self._cost(place, renderer) for place in self.places]
        self._put(self.places[costs.index(min(costs))], renderer)
        self.placing = False

    def _put(self, place: Place, renderer: "RendererBase") -> None:
        self.xy, self.xyann = place.at, place.away
        self.set(ha=place.ha, va=place.va)
        super().update_positions(renderer)

    def _cost(self, place: Place, renderer: "RendererBase") -> float:
        self._put(place, renderer)
        box = Text.get_window_extent(self, renderer)
        ax = self.axes
        if ax is None:
            return 0.0
        inside = Bbox.intersection(box, ax.bbox)
        lost = 1.0 - (inside.width * inside.height / (box.width * box.height) if inside is not None else 0.0)
        texts = list(ax.texts)
        others = [Text.get_window_extent(text, renderer) for text in texts[: texts.index(self)] if text.get_text()]
        if (legend := ax.get_legend()) is not None:
            others.append(legend.get_window_extent(renderer))
        paths = [line.get_transform().transform_path(line.get_path()) for line in ax.lines if line.get_visible()]
        crossed = sum(bool(path.intersects_bbox(box, filled=False)) for path in paths)
        return OUTSIDE * round(lost, 2) + ON_WORDS * sum(bool(box.overlaps(o)) for o in others) + ON_A_LINE * crossed
