"""Rasa graph components of ours; `vietnamese/` comes from the repository root by PYTHONPATH."""
