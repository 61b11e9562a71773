"""The tests: one file for each topic, at three distances: the rule, the database, the screen."""
