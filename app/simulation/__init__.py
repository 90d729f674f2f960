"""What-if: fold the loan cases of a file without any store, and compare the figures they expect.

    cases      read case files, refusing what cannot be understood
    folding    a case's terms and events become facts, through the same door as everywhere
    figures    the figures that a case asks for, read off the state that replay gives
    comparing  the figures given against the figures found
    outcome    all of it for one case

The format is that of the golden cases: terms, events and expected figures as plain data.
"""
