"""What `make bench` measures: the rush for the last places, lists and pages as they grow, and reminders."""
