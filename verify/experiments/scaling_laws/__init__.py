"""Scaling laws: independent sweeps over widths, and the slopes of what they measure."""
