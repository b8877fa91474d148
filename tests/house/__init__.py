"""The walls of the house, each with a sample that shows it fall."""
