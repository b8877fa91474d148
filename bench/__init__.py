"""What `make bench` measures: the rush for the last places, and the list of sessions as it grows."""
