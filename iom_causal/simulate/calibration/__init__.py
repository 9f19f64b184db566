"""Settings of careers fitted to what a published table or a score tells."""
