"""Sinks of frames and faces: video files, records as JSON lines or CSV, face crops."""
