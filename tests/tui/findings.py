"""A finding made by hand, with a chart of each kind."""

from __future__ import annotations

from core.messages import Chart, Finding, Line, Number


def finding(claim: str = "C7", **changes: object) -> Finding:
    """A finding of `claim`; whatever is given instead."""
    made: dict[str, object] = {
        "claim": claim,
        "title": "Accuracy by position",
        "verdict": "mixed",
        "why": "It falls by 20 points, 5 of which are artefact.",
        "rule": "Supported if the fall is more than 5 points.",
        "literature": "supported",
        "differs": "Our models are small.",
        "measured": {
            "fall": Number(value=0.2, unit="share", low=0.15, high=0.25, n=200),
            "tokens": Number(value=1_900_000, unit="parameters"),
            "unasked": Number(value=None),
        },
        "charts": [
            Chart(
                title="by position", x="position", y="accuracy",
                lines=[Line(name="bert", x=[0, 50, 99], y=[0.1, 0.4, 0.2], low=[0.0, 0.3, 0.1], high=[0.2, 0.5, 0.3]),
                       Line(name="gpt2", x=[0, 50, 99], y=[None, 0.2, 0.3])],
            ),
            Chart(title="parts", kind="bars", y="share", ticks=["information", "artefact"],
                  lines=[Line(name="bert", x=[0, 1], y=[0.15, -0.05])]),
            Chart(title="influence", kind="heat", ticks=["a", "b"], row_ticks=["c", "d"],
                  cells=[[0.0, 1.0], [0.5, None]]),
        ],
        "knobs": {"windows": 200.0, "control": "none"},
        "seed": 1,
        "thorough": False,
        "models": {"bert": "BertForMaskedLM, 1,900,000 parameters, weights 0123456789ab, float32"},
        "device": "cpu",
        "notes": ["The text ends in mid-sentence."],
        "seconds": 12.5,
    }  # fmt: skip
    return Finding(**{**made, **changes})  # type: ignore[arg-type]
