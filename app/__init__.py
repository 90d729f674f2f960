"""The doors: settings, wiring and the command line. The only package that talks to people."""
