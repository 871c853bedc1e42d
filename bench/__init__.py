"""Every figure that we publish, measured: ``make bench``, or ``wangge bench NAME``. See docs/benchmarks.md."""
