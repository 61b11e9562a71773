"""What people do: rows, a rule, rows, inside a transaction that the caller opened."""
