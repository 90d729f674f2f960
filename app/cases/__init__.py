"""Cases: a borrower asks why his page does not show what it should, and is answered at once.

`contacts` keeps what he said, where it can be erased; what was found and what he was told are
events of the stream `cases/<account>/<case>`, read and written by `desk`.
"""

from app.cases.contacts import Contacts, create
from app.cases.desk import CaseDesk, CaseFile, Payment
from app.cases.errors import CaseUnknown

__all__ = ["CaseDesk", "CaseFile", "CaseUnknown", "Contacts", "Payment", "create"]
