"""How an answer moves with what is not known: people without a later score, choices, and figures to ask a force for."""
