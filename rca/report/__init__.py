"""TOLD: the narrative, its citations, its pages."""
