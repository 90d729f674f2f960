"""What is asked of a case that there is not."""


class CaseUnknown(Exception):
    """There is no case of that id."""

    def __init__(self, case_id: str) -> None:
        self.case_id = case_id
        super().__init__(f"there is no case {case_id!r:.130}; duebook case list shows them")
