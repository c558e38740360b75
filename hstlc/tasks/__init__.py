"""What doit runs, in the data's order; tasks declare, steps do the work."""
