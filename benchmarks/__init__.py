"""Side-by-side benchmarks: every row times gradlens and a peer in the same run and reports their ratio.

Run them with `make bench` or `python -m benchmarks`; `benchmarks/README.md` says how to read the table.
"""
