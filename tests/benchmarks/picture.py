"""`python -m tests.benchmarks.picture`: the figures of a run as a picture, drawn from its JSON.

Each ratio that has a goal is a bar, in terms of its goal: at the line it is reached, right of it is
better.  Below it, with the JSON of a growth, is what an event or account costs by size.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log10
from pathlib import Path
from typing import Annotated, Any
from xml.sax.saxutils import escape

import typer

WIDTH, ROW, LEFT, RIGHT = 960, 26, 430, 90
#: Ratios are drawn from a hundredth of the goal to ten times of it.
LEAST, MOST = 0.01, 10.0
CURVE_HEIGHT, CURVE_TOP = 220, 50

_STYLE = (
    "<style>text{font:13px sans-serif;fill:#222}.small{font-size:11px;fill:#666}"
    ".reached{fill:#2b7a4b}.missed{fill:#b5532a}.goal{stroke:#222;stroke-dasharray:4 3}"
    ".axis{stroke:#bbb}.curve{fill:none;stroke-width:2}</style>"
)
_COLOURS = ("#1f5fa8", "#2b7a4b", "#b5532a", "#7a4fa0", "#8a7a20")


@dataclass(frozen=True, slots=True)
class Bar:
    """A ratio in terms of its goal: 1 just reaches it, more is better."""

    name: str
    ratio: float
    goal: str
    reach: float

    @classmethod
    def of(cls, figure: dict[str, Any]) -> "Bar":
        """A figure of the report that has a goal."""
        goal, ratio = figure["goal"], figure["ratio"]
        reach = ratio / goal["ratio"] if goal["bound"] == "at least" else goal["ratio"] / ratio
        return cls(figure["name"], ratio, f"{goal['bound']} {goal['ratio']:g}", reach)


def main(
    figures: Annotated[Path, typer.Argument(help="What `make bench` wrote with --json.")],
    picture: Annotated[Path, typer.Argument(help="The SVG to draw.")],
    growth: Annotated[Path | None, typer.Option(help="What `make growth` wrote.")] = None,
) -> None:
    """Draw."""
    document = json.loads(figures.read_text(encoding="utf-8"))
    points = json.loads(growth.read_text(encoding="utf-8"))["points"] if growth else []
    picture.write_text(drawn(document["figures"], points), encoding="utf-8")


def drawn(figures: Sequence[dict[str, Any]], points: Sequence[dict[str, float]] = ()) -> str:
    """The picture as SVG, the same for the same figures."""
    bars = [Bar.of(one) for one in figures if one["goal"] is not None]
    top = CURVE_TOP + ROW * len(bars)
    height = top + 40 + (CURVE_TOP + CURVE_HEIGHT if points else 0)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        "<title>What it costs, in terms of the goals</title>",
        _STYLE,
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        _text(10, 24, "ratio against its goal (logarithmic; right of the line: reached)"),
        *(part for number, bar in enumerate(bars) for part in _bar(number, bar)),
        f'<line class="goal" x1="{_x(1):.1f}" x2="{_x(1):.1f}" y1="{CURVE_TOP - 12}" y2="{top}"/>',
        *(_curves(points, top + 40) if points else ()),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _bar(number: int, bar: Bar) -> Iterator[str]:
    y = CURVE_TOP + ROW * number
    kind = "reached" if bar.reach >= 1 else "missed"
    yield _text(10, y + 12, f"{bar.name} ({bar.goal})")
    yield (
        f'<rect class="{kind}" x="{LEFT}" y="{y}" width="{_x(bar.reach) - LEFT:.1f}"'
        f' height="{ROW - 10}"/>'
    )
    yield _text(_x(bar.reach) + 6, y + 12, f"{bar.ratio:.2f}")


def _x(reach: float) -> float:
    """Where so much of a goal lies; what is beyond the edges lies on them."""
    share = log10(min(max(reach, LEAST), MOST) / LEAST) / log10(MOST / LEAST)
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def _curves(points: Sequence[dict[str, float]], top: float) -> Iterator[str]:
    """Each job by size, in terms of what it costs at the smallest: flat is a line at 1."""
    bottom = top + CURVE_TOP + CURVE_HEIGHT - 40
    names = [name for name in points[0] if name != "events"]
    ratios = {name: [one[name] / points[0][name] for one in points] for name in names}
    highest = max(2.0, *(ratio for of_job in ratios.values() for ratio in of_job))
    step = (WIDTH - LEFT - RIGHT) / max(1, len(points) - 1)

    def y(ratio: float) -> float:
        return bottom - ratio / highest * (CURVE_HEIGHT - 40)

    yield _text(10, top + 20, "cost by size, in terms of the smallest")
    yield f'<line class="axis" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{bottom}" y2="{bottom}"/>'
    yield f'<line class="goal" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(1):.1f}" y2="{y(1):.1f}"/>'
    for number, one in enumerate(points):
        yield _text(LEFT + number * step - 20, bottom + 18, f"{one['events']:,.0f}", "small")
    for number, (name, of_job) in enumerate(ratios.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        places = " ".join(f"{LEFT + n * step:.1f},{y(ratio):.1f}" for n, ratio in enumerate(of_job))
        yield f'<polyline class="curve" stroke="{colour}" points="{places}"/>'
        at = top + CURVE_TOP + ROW * number
        yield f'<rect x="10" y="{at - 10}" width="12" height="12" fill="{colour}"/>'
        said = f"{name.replace('_', ' ')}: {points[0][name]:,.0f} to {points[-1][name]:,.0f} µs"
        yield _text(30, at, said)


def _text(x: float, y: float, text: str, kind: str = "") -> str:
    mark = f' class="{kind}"' if kind else ""
    return f'<text{mark} x="{x:.1f}" y="{y:.1f}">{escape(text)}</text>'


if __name__ == "__main__":
    typer.run(main)
