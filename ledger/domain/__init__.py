"""The rules of the loan, pure: values in, values out.

Only the standard library is imported. The clock, ids and rates come in with the command, so the
same input gives the same answer on any day and on any machine.
"""
