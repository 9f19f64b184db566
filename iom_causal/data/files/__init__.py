"""Readers of tables: delimited text, workbooks, statistics packages' files, Parquet; cells to numbers and dates."""
