"""CSV and XLSX files in, rows and faults out; and back."""
