"""Documents: Markdown, text, HTML, TeX, Typst, Word, OpenDocument, RTF and PDF as blocks, and what they say about times."""
