"""Evaluate a published before/after table: audit, rebuilt cohorts, the change, and the ledger.

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
        evidence = iom.load_evidence(name)
        outcome = next(o.name for o in paper.outcomes if o.kind == evidence.kind)
        ledger = iom.Ledger(evidence.on(outcome))
        remainder = ledger(paper[outcome], rng=1)
        interval = f"{remainder.conf_low:.2f} to {remainder.conf_high:.2f} ({remainder.scale} of {outcome})"
        print(f"{evidence.title}: if these allowances are right, {interval} remains")
        if evidence.kind == "count":
            more = iom.Ledger([*ledger.confounds, iom.Detection()])
            print("  ", iom.tipping(more, paper[outcome], "detection.ratio"))


if __name__ == "__main__":
    main()
