"""What a borrower is told: a diagnosis in his language, in plain words, with amounts and dates.

`standing` gathers the figures, `english` and `chinese` hold the sentences of every cause, and
`writing` puts an answer together.
"""

from app.answers.standing import Standing, standing_of
from app.answers.writing import WITHOUT_FIGURES, answer_text

__all__ = ["WITHOUT_FIGURES", "Standing", "answer_text", "standing_of"]
