"""WHY: the causal graph."""
