"""Reading of a paper's text: characters, blocks, reported statistics, and the study that they describe."""
