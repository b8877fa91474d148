"""The sample season: a charity's year of groups and classes, for whoever wants to look around."""
