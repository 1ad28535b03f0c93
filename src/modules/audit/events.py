"""What others may hear from `audit`: nothing yet. It is the one who listens."""
