from .beliefs import LogNormal as LogNormal
from .beliefs import Normal as Normal
from .beliefs import Range as Range
from .beliefs import Uniform as Uniform
from .cohort import Cohort as Cohort
from .estimate import Estimate as Estimate
from .estimate import Estimates as Estimates
from .estimate import compare as compare
from .moments import Moments as Moments
from .panel import Panel as Panel
from .roles import answer as answer
from .roles import batch as batch
from .streams import Streams as Streams
from .windows import Selection as Selection
from .windows import Window as Window
from .world import Mechanism as Mechanism
from .world import World as World

__version__: str
