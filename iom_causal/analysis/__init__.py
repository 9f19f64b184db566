"""One study, a published table or people, worked out step by step: each step takes the subject and returns a result."""
