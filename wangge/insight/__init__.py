"""Indicators and warnings: figures that are defined once and counted ahead, each drillable to its cases."""
