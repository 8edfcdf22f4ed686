"""SHOWN: values in, plotly figures and self-contained pages out."""
