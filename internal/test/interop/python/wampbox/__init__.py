"""An implementation of docs/FORMAT.md, written from that document alone.

It shares nothing with the Go library but the document, and is here to show
that the document is enough. Numbers in brackets are the document's sections.

Two things are left out, as nothing of them is sent: the states of a key's
versions (2.4), and forgetting windows (10.2).
"""
