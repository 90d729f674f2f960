"""Bring facts in, in bulk: native lines, or CSV through a mapping, a batch at a time.

    sources   files to lines and rows        mapping  the mapping file, checked against the files
    sorting   more lines than memory holds   facts    rows of one account to facts
    mapped    rows of all tables to native lines, in the order in which they were recorded
    taking    lines through the books        rehearsal  the same with nothing written
    progress  how far an import has come     findings   what was refused or altered, and why

An import may be killed at any moment and run again: every fact has a key, so a line that was taken
is a retry.  The progress file only saves the time to find that out.
"""
