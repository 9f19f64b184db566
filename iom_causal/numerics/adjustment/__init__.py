"""Age, calendar, custody, detection, measurement error and missing follow-up."""
