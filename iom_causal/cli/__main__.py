"""``python -m iom_causal.cli``, where the command itself is not on the path."""

from iom_causal.cli import main

if __name__ == "__main__":
    main(prog_name="iom-causal")
