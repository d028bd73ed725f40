"""Sinks of frames and faces: video files, records as JSON lines or CSV, and face crops."""
