"""Trainers that experiments share."""
