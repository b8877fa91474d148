"""What `make bench` measures: the rush for the last places, the list as it grows, the planner's pages."""
