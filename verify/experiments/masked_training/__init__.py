"""Masked training: trainer, measurements, and the experiment that its claims are judged by."""
