"""What people are told without asking: alerts to office and engineers, letters to departments, and when they are due.

Nothing here changes data, and no text carries a value of a row.
"""
