"""Importers of the portal's five formats: `detect.read_paths` finds the right one for each file."""
