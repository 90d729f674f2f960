"""Repetition: actors that follow the log and the calendar. Each is safe to run twice or late."""
