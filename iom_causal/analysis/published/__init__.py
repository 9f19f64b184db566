"""Steps of a published table: its audit, the table recomputed from rebuilt cohorts, and how many people changed."""
