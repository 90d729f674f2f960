"""Every limit of the ledger, with the proofs that the limits fit each other.

A limit is what keeps one bad request from harming the others: nothing in duebook is unbounded.
"""

EVENTS_PER_STREAM_MAX = 20_000
INSTALLMENTS_MAX = 600
TERM_YEARS_MAX = 50
DRAWS_PER_ACCOUNT_MAX = 2_000

#: Ten thousand million in a currency of two decimals; sums stay far below 2**63.
AMOUNT_MAX = 10**12
#: 1000 % a year.  Low enough to catch 15.6 written for 15.6 %, which is 0.156.
RATE_MAX = 10
#: Percent, of a cap on interest or penalties.  Below one a fraction was written for a percentage.
CAP_PERCENT_MIN, CAP_PERCENT_MAX = 1, 1_000

ID_LENGTH_MAX = 120
TEXT_LENGTH_MAX = 500
NAME_LENGTH_MAX = 60
GRACE_DAYS_MAX = 366
BUCKETS_MAX = 20
#: Kinds of fee that one contract plans.
FEES_MAX = 20
#: No run of holidays is longer: a due date that moves further was moved for another reason.
DAYS_TO_BUSINESS_DAY_MAX = 15
#: Ten years: a rule for debt that is older than that is meant otherwise.
DAYS_OVERDUE_MAX = 3_653

#: Rules of one policy of disclosure, and names that it lists of a kind.
POLICY_RULES_MAX = 200
POLICY_NAMES_MAX = 200

#: What a borrower says, and what he is told.
WORDS_LENGTH_MAX = 4_000
#: How often one case is diagnosed anew.
CASE_DIAGNOSES_MAX = 100

LINE_BYTES_MAX = 1_000_000
#: Objects and lists inside each other; the deepest fact, terms with rows, has four.
LINE_DEPTH_MAX = 16
STATE_BYTES_MAX = 200_000
REQUEST_EVENTS_MAX = 10_000
SHARDS_MAX = 1_024

#: The first and last business dates that books may speak of.
YEAR_MIN, YEAR_MAX = 1900, 2200

# A sum over every event of a stream must fit PostgreSQL's bigint.
assert EVENTS_PER_STREAM_MAX * AMOUNT_MAX < 2**63
# The longest schedule, written out as explicit rows of about 120 bytes, fits an event.
assert INSTALLMENTS_MAX * 120 <= STATE_BYTES_MAX
# Fifty years of months are the longest schedule; weekly and daily ones are shorter in years.
assert TERM_YEARS_MAX * 12 <= INSTALLMENTS_MAX
# A draw with its payments and their reversals leaves room for every draw of an account.
assert DRAWS_PER_ACCOUNT_MAX * 10 <= EVENTS_PER_STREAM_MAX
# A key is a kind, a colon and an id: it fits where ids fit twice.
assert ID_LENGTH_MAX * 2 < TEXT_LENGTH_MAX
assert STATE_BYTES_MAX <= LINE_BYTES_MAX
