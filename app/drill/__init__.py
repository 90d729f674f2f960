"""Drills: rehearse the worst day on a ledger made for it, and check what must hold after it.

kills            the drill: rounds of load, a blow, recovery and audit
plan, targets    what is struck and when; where that is
clients          the client processes as the drill sees them
client_process   one client, which sends `facts` and notes all in its `journal`
audit            what must hold
"""
