"""Neural networks on the scalar engine."""
