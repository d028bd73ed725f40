"""Slow, obvious references and made-up inputs that several tests share."""
