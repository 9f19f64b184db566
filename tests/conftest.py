"""What all tests share."""

from hypothesis import settings

# No example has a deadline: a slow machine is no fault.
settings.register_profile("steady", deadline=None)
settings.load_profile("steady")
