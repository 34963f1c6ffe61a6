"""`python -m benchmarks`: pin the threads, which must happen before NumPy is imported, then hand over."""

import os
import sys

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")

if __name__ == "__main__":
    for variable in THREADS:
        os.environ.setdefault(variable, "1")
    from benchmarks.cli import main

    sys.exit(main())
