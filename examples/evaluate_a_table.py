"""Evaluate a printed before/after table: audit, rebuilt cohorts, the change, and what was to be expected anyway.

Run it with ``python examples/evaluate_a_table.py``; put the path of your own TOML file in place of the name.
"""

import iom_causal as iom


def main(study: str = "sleath-brown-2017") -> None:
    """Print the main steps for one study."""
    paper = iom.load_published(study)
    for finding in iom.audit(paper).of("inconsistent"):
        print("-", finding.sentence)

    arrests = iom.reconstruct(paper, rng=1)["arrests"]
    print(iom.RateRatio()(arrests).summary(), "\n")

    for name in paper.evidence:
        ledger = iom.Ledger.from_evidence(name)
        remainder = ledger(paper["arrests"], rng=1)
        low, high = remainder.confidence_interval()
        found = f"{remainder.estimate:.2f} ({low:.2f} to {high:.2f})"
        print(f"{name}: if these allowances are right, a ratio of {found} remains")
        print("  ", iom.tipping(iom.Ledger([*ledger.confounds, iom.Detection()]), paper["arrests"], "detection.ratio"))


if __name__ == "__main__":
    main()
