"""The door for services: HTTP, with facts in, views out, and a reason for every refusal.

    factory      the parts become one ASGI application
    appending    a fact a request: accounts, draws, payments and all the others
    batch        facts by the million in one request, answered while they are read
    reading      views, replay, explanation, diagnosis, lists
    quoting      what settling costs
    accounting   the books of all accounts together
    rebuilding   the views built anew: begin, report, confirm
    following    the log by position, as pages and as server-sent events
    upkeep       heal, verify, quarantine, keys, the access log
    operations   is it alive, is it ready, its figures
    access       who may do what: one table, which the documentation repeats
    problems     why not: every refusal in one form

What is recorded, refused and shown is decided elsewhere (`ledger.books`, `projections.reading`);
here it only learns to speak HTTP.
"""
