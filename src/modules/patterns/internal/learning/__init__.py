"""Learning as long work: the job that mines, and what it leaves in the database."""
