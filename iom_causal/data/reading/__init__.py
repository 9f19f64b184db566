"""Files of people to panels, by the specification of a study."""
