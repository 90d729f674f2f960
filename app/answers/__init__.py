"""What a borrower is told: a diagnosis in his language, in plain words, with amounts and dates.

`standing` gathers the figures, `english` and `chinese` hold the sentences of every cause, and
`writing` puts an answer together.
"""

from app.answers.standing import Standing, standing_of
from app.answers.writing import answer_text

__all__ = ["Standing", "answer_text", "standing_of"]
