"""Facts: what happened, in which order, and what follows from it.

`domain` decides, the log remembers, and replay folds events into a state. Nothing in here knows
that views, workers or a command line exist.
"""
