"""Deliveries read: from bytes over tables to checked rows, in processes that no file can harm.

A row is judged by itself here; the delivery as a whole is the gate's (`sources.gate`).
"""
